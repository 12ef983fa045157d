/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: what functions return (--output-return).
 *
 * A call that is recorded is kept under the place of its return address and the function's own, which no other call has
 * while it runs. An fentry program does not see that place; what it is given, the arguments, stands on the stack as
 * long as the call lasts, and the fexit program of the same function is given the same. Of the others: a function that
 * ends in a jump to another shares that place with it, and the two return at once, one after the other, the inner one
 * first. A kretprobe cannot say which function returns; it takes the last of that place, whose value is the other's as
 * well; and as it has put an address of its own in that place, functions without one are told by theirs. Where a
 * function returns the stack pointer has just left the place. Where return addresses are in a register, the stack
 * pointer at entry and return is one; but what comes from the function graph on arm64 (kprobe.multi) has none at
 * return, so there the caller's frame is the place. What the packet was like at the call, and whose it was, goes with
 * the value; what it is like now nobody asks, for it may be gone.
 */
#pragma once

#define CALLS_MAX      (1 << 13)
#define CALLS_OF_PLACE 4

struct call_key {
	__u64 place; /* where the return address stands, or what tells as much */
	__u64 addr;  /* of the function, or which call of this place */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, struct call_key);
	__type(value, struct record);
} st_calls SEC(".maps");

__u64 st_return_lost; /* calls that could not be kept */

/* As it is at the function's entry, by its registers. */
static __always_inline __u64 call_place(struct pt_regs *ctx)
{
	__u64 sp = PT_REGS_SP(ctx);

#if HAS_FRAME_CHAIN
	__u64 fp = PT_REGS_FP(ctx);

	barrier_var(sp); /* as in slot_arg() */
	barrier_var(fp);
	if (st_cfg.returns == ST_RETURNS_MULTI)
		return fp;
#endif
	return sp;
}

/* ctx has registers where returns are kretprobes'. */
static __attribute__((noinline)) int call_begins(void *ctx, __u64 place, const struct record *r)
{
	struct call_key key = {.place = place, .addr = r->e.addr};

	if (st_cfg.returns == ST_RETURNS_KRETPROBE) {
		__u64 ret = 0;

		/* it stands on the first byte, and so has been there already */
		if (return_addr(ctx, &ret) || !is_trampoline(ret))
			return 0;
#pragma unroll
		for (int i = CALLS_OF_PLACE - 1; i >= 0; i--) {
			key.addr = i;
			if (i && bpf_map_lookup_elem(&st_calls, &(struct call_key){.place = place, .addr = i - 1}))
				break;
		}
	}
	if (bpf_map_update_elem(&st_calls, &key, r, BPF_ANY))
		__sync_fetch_and_add(&st_return_lost, 1);
	return 0;
}

static __always_inline int take_call(const struct call_key *key, struct record *r)
{
	const struct record *kept = bpf_map_lookup_elem(&st_calls, key);

	if (!kept)
		return -1;
	__builtin_memcpy(r, kept, sizeof(*r));
	bpf_map_delete_elem(&st_calls, key);
	return 0;
}

/* The place of the call that the registers have just come back from. */
static __always_inline __u64 returned_from(struct pt_regs *ctx)
{
	return call_place(ctx) - RETURN_ADDR_BYTES;
}

/* 0: r is the function's call that has just returned; it is kept no longer. */
static __always_inline int call_ends(__u64 place, __u64 addr, struct record *r)
{
	struct call_key key = {.place = place, .addr = addr};

	return take_call(&key, r);
}

/* The same of whichever function it is. */
static __always_inline int last_call_ends(__u64 place, struct record *r)
{
	struct call_key key = {.place = place};

#pragma unroll
	for (int i = CALLS_OF_PLACE - 1; i >= 0; i--) {
		key.addr = i;
		if (take_call(&key, r) == 0)
			return 0;
	}
	return -1;
}
