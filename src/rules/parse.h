/* SPDX-License-Identifier: GPL-2.0-only */
/* A rule file's bytes to rules. */
#pragma once

#include "base/reason.h"
#include "rules/model.h"

struct rules_error {
	unsigned line, column; /* from 1; columns count code points */
	struct reason reason;
};

/* The bytes are copied. -EINVAL with *ret_error filled, at the word where it went wrong; -EFBIG likewise above the
 * bounds in model.h; -ENOMEM. *ret is left alone on failure. */
int rules_parse(const void *data, size_t size, struct rules **ret, struct rules_error *ret_error);
