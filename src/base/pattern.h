/* SPDX-License-Identifier: GPL-2.0-only */
/* A user's regular expression, as pcre2pattern(3) has them, compiled and matched without harm. */
#pragma once

#include "base/reason.h"

struct pattern;

enum pattern_of {
	PATTERN_ANYWHERE, /* a part of the text may match */
	PATTERN_WHOLE,	  /* all of it must */
};

/* -EINVAL with a reason, -ENOMEM; an expression of more than PATTERN_BYTES_MAX is refused, too. */
int pattern_compile(const char *text, enum pattern_of of, struct pattern **ret, struct reason *reason);
#define PATTERN_BYTES_MAX 4096
/* Whether text has a match: 1, 0, -ENOMEM where there is no memory to find out, or -E2BIG where it would take too many
 * steps: neither is the same as 0. */
int pattern_matches(const struct pattern *p, const char *text);
/* For whoever passes on what pattern_matches() returned: r, with a reason for -E2BIG. */
int pattern_why(int r, struct reason *reason);
void pattern_free(struct pattern *p); /* NULL is fine */

DEFINE_CLEANUP(struct pattern *, pattern_free)
