/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: what functions return (--output-return).
 *
 * A call that is recorded is kept under the place of its return address and the function's own, which no other call has
 * while it runs: a function that ends in a jump to another shares that place with it, and the two return at once, one
 * after the other. Where a function returns the stack pointer has just left the place. What the packet was like at the
 * call, and whose it was, goes with the value; what it is like now nobody asks, for it may be gone.
 */
#pragma once

#define CALLS_MAX	  (1 << 13)
#define RETURN_ADDR_BYTES 8 /* x86-64: what a return takes from the stack */

struct call_key {
	__u64 sp; /* where the return address stands */
	__u64 addr;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, struct call_key);
	__type(value, struct record);
} st_calls SEC(".maps");

__u64 st_return_lost; /* calls that could not be kept */

static __attribute__((noinline)) int call_begins(__u64 sp, const struct record *r)
{
	struct call_key key = {.sp = sp, .addr = r->e.addr};

	if (bpf_map_update_elem(&st_calls, &key, r, BPF_ANY))
		__sync_fetch_and_add(&st_return_lost, 1);
	return 0;
}

/* 0: r is the function's call that has just returned; it is kept no longer. sp, addr: as they are at its return. */
static __always_inline int call_ends(__u64 sp, __u64 addr, struct record *r)
{
	struct call_key key = {.sp = sp - RETURN_ADDR_BYTES, .addr = addr};
	const struct record *kept = bpf_map_lookup_elem(&st_calls, &key);

	if (!kept)
		return -1;
	__builtin_memcpy(r, kept, sizeof(*r));
	bpf_map_delete_elem(&st_calls, &key);
	return 0;
}
