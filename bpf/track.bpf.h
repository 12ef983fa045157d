/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: following a packet by its skb once it has matched.
 *
 * st_tracked holds the skbs that are followed. An skb enters the map when it matches, or when it derives from an skb in
 * the map, as the result of a clone, a copy, a segmentation or a fragmentation. The kernel may exchange its head and
 * rewrite its headers; the skb stays the same. The origin of an entry, a number for the packet that matched, is passed
 * on to every skb that derives from it, and is in every record: user space need not guess which packet an skb is.
 *
 * An skb leaves the map when its memory is freed. No single function frees all skbs: most go through kfree_skbmem(),
 * some into a cache of NAPI's, some are freed in bulk. But the last reference is always released in
 * skb_release_head_state(), napi_skb_free_stolen_head() or __consume_stateless_skb(). From then on the entry is dead.
 * What else the kernel does to the packet follows at once, on the same CPU. An event at the same address that comes
 * later, or on another CPU, is about another packet. Dead entries that no program removes are the least recently used,
 * so the LRU map drops them first.
 *
 * st_heads has the same by skb->head. An skb that matches, though nobody followed it, may be a clone of one that is
 * followed: TCP keeps the original of what it sends, and the original has no IP header to match. If its head is shared,
 * and known, it is the same packet. A head leaves the map when it is allocated for another packet.
 *
 * XDP takes the skb away and keeps its head: a veth frees the skb and redirects the bare frame, and the other side
 * builds a new skb around the same head. If the frame at the head of an skb that died is redirected at once, on the
 * same CPU, the head is marked. An skb that is built around a marked head is the same packet.
 */
#pragma once

#include "bpf/packet.bpf.h"

#define DYING_NS    100000000 /* what the kernel does to a freed skb, it does in this time; a CPU may be held up */
#define REDIRECT_NS 100000000 /* from an skb's death to its frame's redirect; interrupts may come in between */
#define SEGS_MAX    256	      /* segments of one packet that are followed; a BIG TCP packet of 512 kB has more */
#define TRACKED_MAX (1 << 15)

struct tracked {
	__u32 origin; /* number of the packet that matched; 0: none */
	__u32 dead_cpu;
	__u64 dead_ns; /* 0: alive */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRACKED_MAX);
	__type(key, __u64); /* address of the skb */
	__type(value, struct tracked);
} st_tracked SEC(".maps");

struct tracked_head {
	struct tracked packet;
	__u64 redirected; /* XDP has redirected the frame at this head */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRACKED_MAX);
	__type(key, __u64); /* skb->head */
	__type(value, struct tracked_head);
} st_heads SEC(".maps");

/* Followed skbs that a function may exchange for another skb, by the address of the pointer to the skb. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64); /* struct sk_buff ** */
	__type(value, struct tracked);
} st_exchanged SEC(".maps");

#define ORIGIN_COUNT_BITS                                                                                              \
	19 /* 8192 CPUs, the most that Linux has; after so many packets of a CPU its numbers repeat                    \
	    */

/* Packets that have begun on this CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} st_origins SEC(".maps");

__u64 st_track_lost; /* entries that could not be stored */
__u64 st_track_cut;  /* packets of which only the first SEGS_MAX segments are followed */

static __always_inline void track_put(void *map, __u64 key, const void *value)
{
	if (bpf_map_update_elem(map, &key, value, BPF_ANY))
		__sync_fetch_and_add(&st_track_lost, 1);
}

static __always_inline int is_over(const struct tracked *t)
{
	return t->dead_ns && (t->dead_cpu != bpf_get_smp_processor_id() || bpf_ktime_get_ns() - t->dead_ns > DYING_NS);
}

/* NULL: the skb is not followed. */
static __always_inline struct tracked *track_find(__u64 skb)
{
	struct tracked *t = bpf_map_lookup_elem(&st_tracked, &skb);

	return t && !is_over(t) ? t : 0;
}

static __always_inline int is_tracked(const struct sk_buff *skb)
{
	return st_cfg.track && track_find((__u64)skb) != 0;
}

/* 0: the skb is not followed. */
static __always_inline __u32 track_origin(const struct sk_buff *skb)
{
	struct tracked *t = track_find((__u64)skb);

	return t ? t->origin : 0;
}

/* The number of another packet: this CPU's number above, its count of packets below. */
static __always_inline __u32 next_origin(void)
{
	const __u32 zero = 0, mask = (1 << ORIGIN_COUNT_BITS) - 1;
	__u32 *count = bpf_map_lookup_elem(&st_origins, &zero);

	if (!count)
		return 0;
	*count = (*count & mask) + 1; /* from 1 to 1 << ORIGIN_COUNT_BITS */
	return (bpf_get_smp_processor_id() << ORIGIN_COUNT_BITS) + *count;
}

static __always_inline void track_put_skb(__u64 skb, __u32 origin)
{
	__u64 head = (__u64)BPF_CORE_READ((struct sk_buff *)skb, head);
	struct tracked_head h = {.packet.origin = origin};

	track_put(&st_tracked, skb, &h.packet);
	track_put(&st_heads, head, &h);
}

struct sk_buff___cloned {
	__u8 cloned : 1;
} __attribute__((preserve_access_index));

/* The origin of an skb that is recorded. If it matched, it is followed from here on, as another packet or as a clone of
 * one; otherwise it is followed, or not: 0. The function is global, so that the verifier checks it once. */
__attribute__((noinline)) __u32 track_record(__u64 skb, __u32 has_matched)
{
	__u64 head = (__u64)BPF_CORE_READ((const struct sk_buff *)skb, head);
	const struct tracked_head *h = 0;
	__u32 origin;

	if (!has_matched)
		return track_origin((const struct sk_buff *)skb);
	if (BPF_CORE_READ_BITFIELD_PROBED((const struct sk_buff___cloned *)skb, cloned))
		h = bpf_map_lookup_elem(&st_heads, &head);
	origin = h ? h->packet.origin : next_origin();
	track_put_skb(skb, origin);
	return origin;
}

/* The packet of a frame that is not an skb, or one that XDP borrowed from an skb. 0: it is not followed. */
static __always_inline __u32 track_frame(__u64 head)
{
	const struct tracked_head *h = st_cfg.track ? bpf_map_lookup_elem(&st_heads, &head) : 0;

	return h && (!h->packet.dead_ns || h->redirected) ? h->packet.origin : 0;
}
