/* SPDX-License-Identifier: GPL-2.0-only */
/* Where machine code goes directly, by a call or a jump. Pure: bytes and the address where they stand. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct branch {
	uint64_t at, next; /* the instruction, and the one behind it */
	uint64_t target;
	bool call;
};

/* Nonzero stops the walk and is returned. */
typedef int (*branch_fn)(void *ctx, const struct branch *b);

/* Decodes the code instruction by instruction from its beginning. Bytes that decode to nothing are stepped over. On
 * arm64 the branches are those that can lead out of a function: b, bl. 0, the function's value, -EOPNOTSUPP where this
 * architecture's code is not known, or -ENOMEM. */
int branches_walk(const void *code, size_t len_bytes, uint64_t addr, branch_fn fn, void *ctx);
