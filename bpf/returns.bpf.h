/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: what functions return (--output-return).
 *
 * At a function's entry the record of the call is kept in st_calls until the function returns. Its key is the location
 * of the return address on the stack, together with the function's address. No other running call has the same key.
 *
 * A function that ends in a jump to another function shares the location with that function. The two return one
 * directly after the other, the inner one first.
 *
 * A program at a kretprobe cannot say which function returns. So there the calls at one location are numbered, and a
 * return takes the last one; all calls at this location return the same value. A kretprobe replaces the return address
 * by the address of its trampoline. So a function whose return address is no trampoline has no kretprobe, and its call
 * is not kept.
 *
 * When a function returns, the stack pointer has just moved past the location. Where return addresses are in a register
 * (arm64), the location is the stack pointer, which is the same at entry and at return. But kprobe.multi on arm64 uses
 * the function graph tracer, whose registers at return have no stack pointer; there the location is the frame pointer
 * of the caller.
 *
 * A return event shows the packet as it was at the call. The packet is not read again, because it may have been freed.
 */
#pragma once

#define CALLS_MAX      (1 << 13)
#define CALLS_OF_PLACE 4

struct call_key {
	__u64 location; /* of the return address on the stack, or its substitute: call_location() */
	__u64 addr;	/* of the function; for kretprobes, the number of the call at this location */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, struct call_key);
	__type(value, struct record);
} st_calls SEC(".maps");

__u64 st_return_lost; /* calls that could not be stored */

/* The location of a call, from the registers at the function's entry. */
static __always_inline __u64 call_location(struct pt_regs *ctx)
{
	__u64 sp = PT_REGS_SP(ctx);

#if HAS_FRAME_CHAIN
	__u64 fp = PT_REGS_FP(ctx);

	barrier_var(sp); /* for the reason given at arg_at() */
	barrier_var(fp);
	if (st_cfg.returns == ST_RETURNS_MULTI)
		return fp;
#endif
	return sp;
}

/* Keeps the record of a call. With ST_RETURNS_KRETPROBE ctx must be a struct pt_regs. */
static __attribute__((noinline)) int call_begins(void *ctx, __u64 location, const struct record *r)
{
	struct call_key key = {.location = location, .addr = r->e.addr};

	if (st_cfg.returns == ST_RETURNS_KRETPROBE) {
		__u64 ret = 0;

		/* a kretprobe is at the function's first byte, so it has already run if there is one */
		if (return_addr(ctx, &ret) || !is_trampoline(ret))
			return 0;
#pragma unroll
		for (int i = CALLS_OF_PLACE - 1; i >= 0; i--) {
			key.addr = i;
			if (i &&
			    bpf_map_lookup_elem(&st_calls, &(struct call_key){.location = location, .addr = i - 1}))
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

/* The location of the call that has just returned, from the registers at the return. */
static __always_inline __u64 returned_from(struct pt_regs *ctx)
{
	return call_location(ctx) - RETURN_ADDR_BYTES;
}

/* Takes the record of the call of the function at addr that has just returned. -1: the call was not kept. */
static __always_inline int call_ends(__u64 location, __u64 addr, struct record *r)
{
	struct call_key key = {.location = location, .addr = addr};

	return take_call(&key, r);
}

/* Takes the record of the last call at this location, whichever the function is. -1: no call was kept. */
static __always_inline int last_call_ends(__u64 location, struct record *r)
{
	struct call_key key = {.location = location};

#pragma unroll
	for (int i = CALLS_OF_PLACE - 1; i >= 0; i--) {
		key.addr = i;
		if (take_call(&key, r) == 0)
			return 0;
	}
	return -1;
}
