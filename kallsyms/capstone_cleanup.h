/* SPDX-License-Identifier: GPL-2.0-only */
/* Cleanup functions (base/cleanup.h) for capstone's handles and instructions. */
#pragma once

#include <capstone/capstone.h>

static inline void capstone_closep(csh *h)
{
	if (*h)
		cs_close(h);
}

static inline void capstone_insn_freep(cs_insn **insn)
{
	if (*insn)
		cs_free(*insn, 1);
}
