/* SPDX-License-Identifier: GPL-2.0-only */
/* Owners of what capstone gives. Private to this room. */
#pragma once

#include <capstone/capstone.h>

static inline void cs_closep(csh *h)
{
	if (*h)
		cs_close(h);
}

static inline void insn_freep(cs_insn **insn)
{
	if (*insn)
		cs_free(*insn, 1);
}
