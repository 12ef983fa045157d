/* SPDX-License-Identifier: GPL-2.0-only */
/* Constants in instructions. */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

/* Replaces every 64-bit immediate `from` by `to`, but not the references to maps, functions and variables that the same
 * instruction can load (BPF_PSEUDO_*). Returns how many it replaced. */
size_t patch_imm64(struct bpf_insn *insns, size_t n, uint64_t from, uint64_t to);
