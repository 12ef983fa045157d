/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that are not probed though they could be, and why. One that the user names outright (--probe,
 * --filter-non-skb-funcs) is probed all the same; an expression that matches it does not name it.
 */
#pragma once

#include <stddef.h>

#include "base/reason.h"

/* What the functions of a row have in common: a name, or with a * at its end the beginning of one. */
struct deny {
	const char *pattern, *reason;
};

/* All rows, in the order in which they are tried. */
const struct deny *deny_list(size_t *ret_n);

/* Why the function is left out, static text; NULL: it is not. A suffix of the compiler's is not looked at. */
const char *deny_reason(const char *func);

/* An expression for --filter-func: -EINVAL with a reason if one of its alternatives is just the name of a function that
 * is left out, else 0. */
int deny_check_filter(const char *filter_func, struct reason *reason);
