/* SPDX-License-Identifier: GPL-2.0-only */
/* Which instructions of a BPF program compute what nobody reads. Pure; for prune.h. */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where control goes from an instruction, besides the one behind it. */
struct live_edges {
	bool reached, falls; /* it runs; the one behind it can be next */
	uint32_t jump;	     /* the one that can be next, too; n: none */
};

/* ret_dead: n, of wide instructions the first slot counts. What a removed instruction alone would have read is not
 * read, so they go in chains. Memory is always read. 0 or -ENOMEM. */
int live_find_dead(const struct bpf_insn *insns, const struct live_edges *edges, size_t n, bool *ret_dead);
