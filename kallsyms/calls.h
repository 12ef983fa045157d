/* SPDX-License-Identifier: GPL-2.0-only */
/* The direct calls in machine code. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Called for each direct call: its address and its target. A value other than 0 stops the walk and is returned by it.
 */
typedef int (*calls_fn)(void *ctx, uint64_t at, uint64_t target);

/* Calls fn for each direct call in the code at addr, in order. Bytes that are not an instruction are skipped. 0, the
 * value of fn, -EOPNOTSUPP on other architectures than x86-64, or -ENOMEM. */
int calls_walk(const void *code, size_t len_bytes, uint64_t addr, calls_fn fn, void *ctx);

#define CALLS_TARGETS_MAX 32

/* Sets bit i of *ret_found if the code calls targets[i]. A target of 0 is never found; targets after the first
 * CALLS_TARGETS_MAX are ignored. Much cheaper than calls_walk() if there is no such call. 0 or the errors of
 * calls_walk(); *ret_found is then unchanged. */
int calls_find(const void *code, size_t len_bytes, uint64_t addr, const uint64_t *targets, size_t n_targets,
	       uint32_t *ret_found);
