/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that could be probed but are not, and why. One that the user names in --probe or --filter-non-skb-funcs is
 * probed nevertheless. A regular expression that matches it does not name it.
 */
#pragma once

#include <stddef.h>

#include "base/reason.h"

/* pattern: a function's name, or with a * at its end, the beginning of names. */
struct deny {
	const char *pattern, *reason;
};

/* All rows, in the order in which they are tried. */
const struct deny *deny_list(size_t *ret_n);

/* Why the function is not probed, static text; NULL: it is. The compiler's suffix is ignored. */
const char *deny_reason(const char *func);

/* Checks an expression for --filter-func: -EINVAL with a reason if one of its alternatives is exactly the name of a
 * function that is not probed; else 0. */
int deny_check_filter(const char *filter_func, struct reason *reason);
