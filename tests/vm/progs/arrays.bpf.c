// SPDX-License-Identifier: GPL-2.0-only
/* For tests/vm/arrays.c: a program that is attached, and one that it reaches by a tail call and that has a function of
 * its own. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define ARRAY_ENTRIES 1024
#define NO_IFINDEX    9999 /* no interface has it */
#define MARK_NOBODY   0x4711

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, ARRAY_ENTRIES);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

static __attribute__((noinline)) int looks_at(struct __sk_buff *skb)
{
	return skb->len > 0;
}

SEC("tc")
int is_reached(struct __sk_buff *skb)
{
	if (skb->mark == MARK_NOBODY)
		return bpf_redirect_peer(NO_IFINDEX, 0);
	return looks_at(skb) ? TC_ACT_OK : TC_ACT_SHOT;
}

SEC("tc")
int is_attached(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &targets, 0);
	return TC_ACT_SHOT; /* the array is gone */
}

char LICENSE[] SEC("license") = "GPL";
