/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses the bytes of a rule file. */
#pragma once

#include "base/reason.h"
#include "rules/model.h"

struct rules_error {
	unsigned line, column; /* from 1; a column is a code point */
	struct reason reason;
};

/* The bytes are copied. -EINVAL with the error at the word that is wrong; -EFBIG with the error where a bound of
 * model.h is exceeded; -ENOMEM. *ret is left alone on failure. */
int rules_parse(const void *data, size_t size, struct rules **ret, struct rules_error *ret_error);
