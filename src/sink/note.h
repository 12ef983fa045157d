/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines for people that say how much an output leaves out. */
#pragma once

#include "render/out/out.h"

/* Appends the line "skbtrail: N WHAT"; nothing if n is 0. */
static inline void note_count(struct out *o, uint64_t n, const char *what)
{
	if (!n)
		return;
	out_str(o, "skbtrail: ");
	out_u64(o, n);
	out_char(o, ' ');
	out_str(o, what);
	out_char(o, '\n');
}
