/* SPDX-License-Identifier: GPL-2.0-only */
/* The direct calls and jumps in machine code. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct branch {
	uint64_t at;	 /* address of the instruction */
	uint64_t next;	 /* address of the instruction after it */
	uint64_t target; /* address that it calls or jumps to */
	bool call;	 /* else a jump */
};

/* Called for each branch. A value other than 0 stops the walk and is returned by it. */
typedef int (*branch_fn)(void *ctx, const struct branch *b);

/* Calls fn for each direct call and jump in the code at addr, in order. Bytes that are not an instruction are skipped.
 * On arm64 only the branches that can leave a function are reported: b and bl. 0, the value of fn, -EOPNOTSUPP on other
 * architectures, or -ENOMEM. */
int branches_walk(const void *code, size_t len_bytes, uint64_t addr, branch_fn fn, void *ctx);
