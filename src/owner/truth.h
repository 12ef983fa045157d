/* SPDX-License-Identifier: GPL-2.0-only */
/* Logic with a third value, for what is not known. */
#pragma once

#include <stdbool.h>

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

static inline enum truth truth_of(bool b)
{
	return b ? TRUTH_YES : TRUTH_NO;
}

static inline enum truth truth_not(enum truth t)
{
	return t == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : truth_of(t == TRUTH_NO);
}

static inline enum truth truth_and(enum truth a, enum truth b)
{
	if (a == TRUTH_NO || b == TRUTH_NO)
		return TRUTH_NO;
	return a == TRUTH_YES && b == TRUTH_YES ? TRUTH_YES : TRUTH_UNKNOWN;
}
