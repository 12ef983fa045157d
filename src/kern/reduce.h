/* SPDX-License-Identifier: GPL-2.0-only */
/* One instruction, said simpler where what it works on is known. Pure; for prune.h. */
#pragma once

#include "kern/fold.h"

/* What is known of it in every run: of the register that is its source, and of the one that it sets, or of a jump
 * compares with the source. */
struct reduce_known {
	struct fold_value source, result;
};

/* *i does the same in one slot, with constants in place of registers. */
void reduce(const struct reduce_known *known, struct bpf_insn *i);
