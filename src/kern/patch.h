/* SPDX-License-Identifier: GPL-2.0-only */
/* Constants in instructions. Pure, and private to this room. */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

/* Replaces every 64-bit immediate `from` by `to`; those that stand for maps and the like are left alone. Returns how
 * many there were. */
size_t patch_imm64(struct bpf_insn *insns, size_t n, uint64_t from, uint64_t to);
