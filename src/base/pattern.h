/* SPDX-License-Identifier: GPL-2.0-only */
/* Regular expressions of users, in the syntax of pcre2pattern(3). Length, steps and memory are limited, so that none
 * can stall the program. */
#pragma once

#include "base/reason.h"

struct pattern;

enum pattern_of {
	PATTERN_ANYWHERE, /* a part of the text may match */
	PATTERN_WHOLE,	  /* the whole text must match */
};

/* -EINVAL with a reason, which a text of more than PATTERN_BYTES_MAX gets as well, or -ENOMEM; *ret is unchanged then.
 */
int pattern_compile(const char *text, enum pattern_of of, struct pattern **ret, struct reason *reason);
#define PATTERN_BYTES_MAX 4096
/* Whether text matches: 1 or 0; -ENOMEM, or -E2BIG if it takes too many steps. An error means that the answer is not
 * known, so do not treat it as 0. */
int pattern_matches(const struct pattern *p, const char *text);
/* Returns r, a result of pattern_matches(); sets the reason if it is -E2BIG. */
int pattern_why(int r, struct reason *reason);
void pattern_free(struct pattern *p); /* NULL is fine */

DEFINE_CLEANUP(struct pattern *, pattern_free)
