/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes out of a program what no run of it can reach because constants say so: with most options off that is most of a
 * trace's code, which the kernel would look through several times before it finds out itself; and what computes
 * constants, in each run anew, which it never finds out. Pure.
 */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A frozen map whose one value programs can only read. */
struct prune_const {
	int map_fd; /* as it stands in the instructions that load its address */
	const void *data;
	size_t n_bytes;
};

/* Rewrites the program, relocated and ready for the kernel, in its place. ret_at[i] becomes the place of what was
 * instruction i, or of what now stands in its stead, for i up to n; ret_kept[i] whether it can still be come to there.
 * Both have room for n + 1. *ret_n: how many are left. 0, -ENOMEM, or -EOPNOTSUPP with nothing changed: it has
 * instructions that are not known here. */
int prune(struct bpf_insn *insns, size_t n, const struct prune_const *consts, size_t n_consts, uint32_t *ret_at,
	  bool *ret_kept, size_t *ret_n);
