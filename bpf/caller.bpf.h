/* SPDX-License-Identifier: GPL-2.0-only */
/* The caller of the probed function, and the kernel stack: ST_PART_CALLER, ST_PART_STACK. */
#pragma once

#include "bpf/part.bpf.h"
#include "bpf/regs.bpf.h"

/* Addresses that replace a return address on the stack while any tracer traces function returns. */
const volatile __u64 st_trampolines[ST_TRAMPOLINES_MAX] = {};

static __always_inline int is_trampoline(__u64 ret)
{
#pragma unroll
	for (int i = 0; i < ST_TRAMPOLINES_MAX; i++)
		if (st_trampolines[i] && same_return(ret, st_trampolines[i]))
			return 1;
	return 0;
}

static __always_inline void part_caller(struct pt_regs *ctx, __u32 source, __u64 location, char *rec)
{
	struct st_part *head;
	__u64 *at = part_open(rec, ST_PART_CALLER, &head);

	if (source != ST_SRC_KPROBE)
		*at = location;
	else if (return_addr(ctx, at))
		return;
	if (*at && !is_trampoline(*at))
		head->len_bytes = sizeof(*at);
}

/* On arm64 the kernel unwinds by frame pointers. At the entry of a function, which has not yet stored its own frame,
 * the kernel misses the caller. So the caller is added from the register. */
static __always_inline void part_stack(void *ctx, __u32 source, char *rec)
{
	struct st_part *head;
	__u64 *at = part_open(rec, ST_PART_STACK, &head), caller = 0;
	long n;

	if (HAS_FRAME_CHAIN && (source == ST_SRC_KPROBE || source == ST_SRC_CALL))
		return_addr(ctx, &caller);
	if (caller && !is_trampoline(caller)) {
		n = bpf_get_stack(ctx, at + 1, (ST_STACK_MAX - 1) * sizeof(__u64), 0);
		if (n <= 0)
			return;
		at[0] = at[1];
		at[1] = caller;
		head->len_bytes = n + sizeof(__u64);
		return;
	}
	n = bpf_get_stack(ctx, at, ST_STACK_MAX * sizeof(__u64), 0);
	if (n > 0)
		head->len_bytes = n;
}
