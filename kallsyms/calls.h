/* SPDX-License-Identifier: GPL-2.0-only */
/* Which functions machine code calls. Pure: bytes and the address where they stand. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One direct call: where it stands and where it goes. Nonzero stops the walk and is returned. */
typedef int (*calls_fn)(void *ctx, uint64_t at, uint64_t target);

/* Decodes the code instruction by instruction from its beginning and tells of every direct call. Bytes that decode to
 * nothing are stepped over. 0, the function's value, -EOPNOTSUPP where this architecture's calls are not known, or
 * -ENOMEM. */
int calls_walk(const void *code, size_t len_bytes, uint64_t addr, calls_fn fn, void *ctx);

#define CALLS_TARGETS_MAX 32

/* Sets bit i of *ret_found if the code calls targets[i]; targets of 0 are never found, at most CALLS_TARGETS_MAX are
 * looked for. Much cheaper than calls_walk() where there is no such call. Errors as above; *ret_found is then left
 * alone. */
int calls_find(const void *code, size_t len_bytes, uint64_t addr, const uint64_t *targets, size_t n_targets,
	       uint32_t *ret_found);
