/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the code that dropped a packet, given the return address that the tracepoint kfree_skb reports.
 *
 * Theory of operation. The address follows a call instruction. Usually that instruction calls a function that frees
 * packets, and the address lies in the function that dropped the packet. But a function that drops a packet as its last
 * action may jump to the freeing function instead of calling it (a tail call); then it has no frame on the stack, and
 * the address lies in its caller. So the instruction before the address is decoded. If it calls a function that is not
 * known to free packets, that function's code is searched for a jump to one that is, at most through one more function.
 * The target of an indirect call is not known.
 */
#pragma once

#include <stdbool.h>

#include "kallsyms/kcode.h"
#include "kallsyms/ksyms.h"

struct drop_caller {
	uint64_t addr; /* of the jump, if jumped; otherwise the return address */
	bool jumped;   /* the packet was dropped by a tail call */
};

/* Whether the function only frees packets, so that its caller is the one that drops them. */
bool drop_caller_frees(const char *func);

/* Reads the kernel's code, as kcode_read() does. */
typedef ssize_t (*drop_caller_read_fn)(void *ctx, uint64_t addr, void *buf, size_t len_bytes);

/* 0; -ENOENT if the code does not tell (an indirect call, a function that calls the freeing one), -EOPNOTSUPP if this
 * architecture's code cannot be decoded, -ENOMEM, or the error of read; *ret is left alone then. */
int drop_caller_find(drop_caller_read_fn read, void *ctx, const struct ksyms *ks, uint64_t location,
		     struct drop_caller *ret);
