/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: following a packet by its skb once it has matched.
 *
 * st_tracked holds the skbs that are followed. One enters when it matches, or by derivation from one that is in: what
 * a clone, a copy, a segmentation or a fragmentation returns. Its head may be exchanged and its headers rewritten; the
 * skb stays the same. What it was at first (first_ns, head) goes on to all that derives from it.
 *
 * It leaves when the memory of its skb is freed. That is not one place: most go through kfree_skbmem(), some into
 * a cache of napi's, some in bulk. But the last reference to all of them is let go in skb_release_head_state() or
 * napi_skb_free_stolen_head(). From there on an entry is dead: what else happens to the packet follows at once, on this
 * CPU; whatever comes later, or elsewhere, at the same address is another packet. Dead entries that nobody removes are
 * the longest unused, and so the first that the LRU map gives up.
 *
 * XDP takes the skb away and keeps its head: a veth frees the skb, redirects the bare frame, and the other side builds
 * a new skb around the same head. st_heads has the heads of skbs that died; a redirect that follows at once, on this
 * CPU, of a frame at that head marks it, and an skb built around a marked one is the packet again.
 */
#pragma once

#include "bpf/packet.bpf.h"

#define DYING_NS    1000000   /* what is done to a freed skb is done within this */
#define REDIRECT_NS 100000000 /* from there to the redirect of its frame, on a CPU that may be interrupted */
#define SEGS_MAX    256	      /* segments of one packet that are followed; BIG TCP's 512 kB have more */
#define TRACKED_MAX (1 << 15)

struct tracked {
	__u64 first_ns, first_head; /* of the packet that matched */
	__u64 dead_ns;		    /* 0: alive */
	__u32 dead_cpu;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRACKED_MAX);
	__type(key, __u64); /* address of the skb */
	__type(value, struct tracked);
} st_tracked SEC(".maps");

struct left_head {
	struct tracked packet;
	__u64 redirected; /* the frame at this head travels on */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRACKED_MAX);
	__type(key, __u64); /* skb->head */
	__type(value, struct left_head);
} st_heads SEC(".maps");

/* An skb that a function may exchange, by where the pointer to it is. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64); /* struct sk_buff ** */
	__type(value, struct tracked);
} st_exchanged SEC(".maps");

__u64 st_track_lost; /* entries that could not be made */
__u64 st_track_cut;  /* segments that were more than are followed */

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

static __always_inline void track_begin(const struct sk_buff *skb)
{
	struct tracked t = {};

	if (!st_cfg.track)
		return;
	t.first_ns = bpf_ktime_get_ns();
	t.first_head = (__u64)BPF_CORE_READ(skb, head);
	track_put(&st_tracked, (__u64)skb, &t);
}

static __always_inline void track_inherit(__u64 skb, const struct tracked *from)
{
	struct tracked t = *from;

	t.dead_ns = 0;
	t.dead_cpu = 0;
	if (skb)
		track_put(&st_tracked, skb, &t);
}

static __always_inline int track_derive(__u64 from, __u64 to)
{
	struct tracked *t = track_find(from);

	/* a small negative number is an error, no skb */
	if (!to || to == from || to >= (__u64)-4095)
		return 0;
	if (t)
		track_inherit(to, t);
	else
		bpf_map_delete_elem(&st_tracked, &to);
	return 0;
}

/* A list of segments, each with the next one's address. */
static __always_inline int track_segments(__u64 from, __u64 first)
{
	struct tracked *t = track_find(from);
	struct sk_buff *seg = (void *)first;

	if (!t || !first || first >= (__u64)-4095)
		return 0;
	for (int i = 0; i < SEGS_MAX; i++) {
		if (!seg)
			return 0;
		track_inherit((__u64)seg, t);
		seg = BPF_CORE_READ(seg, next);
	}
	if (seg)
		__sync_fetch_and_add(&st_track_cut, 1);
	return 0;
}

/* The last reference is gone; the head may live on in a frame. */
static __always_inline int track_die(__u64 skb)
{
	struct tracked *t = track_find(skb);
	struct left_head left = {};

	if (!t || t->dead_ns)
		return 0;
	t->dead_ns = bpf_ktime_get_ns();
	t->dead_cpu = bpf_get_smp_processor_id();
	left.packet = *t;
	track_put(&st_heads, (__u64)BPF_CORE_READ((struct sk_buff *)skb, head), &left);
	return 0;
}

/* --- births: argument and result of what makes an skb from another; ctx is the array of both --- */

#define DERIVES(name, result)                                                                                          \
	SEC("st_fexit/" #name)                                                                                         \
	int born_##name(__u64 *ctx)                                                                                    \
	{                                                                                                              \
		return track_derive(ctx[0], ctx[result]);                                                              \
	}
#define SEGMENTS(name, result)                                                                                         \
	SEC("st_fexit/" #name)                                                                                         \
	int born_##name(__u64 *ctx)                                                                                    \
	{                                                                                                              \
		return track_segments(ctx[0], ctx[result]);                                                            \
	}
/* (new, old) */
#define FILLS(name)                                                                                                    \
	SEC("st_fexit/" #name)                                                                                         \
	int born_##name(__u64 *ctx)                                                                                    \
	{                                                                                                              \
		return track_derive(ctx[1], ctx[0]);                                                                   \
	}

/* net/core/skbuff.c, net/core/gso.c or dev.c, net/ipv4/ip_output.c, net/ipv6/ip6_output.c */
DERIVES(skb_clone, 2)
DERIVES(skb_copy, 2)
DERIVES(__pskb_copy_fclone, 4)
DERIVES(skb_copy_expand, 4)
DERIVES(skb_realloc_headroom, 2)
DERIVES(skb_expand_head, 2)
DERIVES(ip_frag_next, 2)
DERIVES(ip6_frag_next, 2)
SEGMENTS(skb_segment, 2)
SEGMENTS(skb_segment_list, 3)
SEGMENTS(__skb_gso_segment, 3)
FILLS(skb_morph)
FILLS(skb_copy_header)

struct skb_shared_info {
	struct sk_buff *frag_list;
} __attribute__((preserve_access_index));

struct sk_buff___end {
	unsigned int end; /* sk_buff_data_t is an offset on 64 bits */
	unsigned char *head;
} __attribute__((preserve_access_index));

/* What was cut up before it matched leaves as the skbs of its list. */
static __always_inline int track_fragments(__u64 skb)
{
	const struct sk_buff___end *s = (void *)skb;
	const struct skb_shared_info *info = (void *)(BPF_CORE_READ(s, head) + BPF_CORE_READ(s, end));

	return track_segments(skb, (__u64)BPF_CORE_READ(info, frag_list));
}

SEC("st_fentry/ip_do_fragment") /* (net, sk, skb, output) */
int fragments_v4(__u64 *ctx)
{
	return track_fragments(ctx[2]);
}

SEC("st_fentry/ip6_fragment")
int fragments_v6(__u64 *ctx)
{
	return track_fragments(ctx[2]);
}

/* skb_pp_cow_data(pool, pskb, headroom), since 6.3: for XDP, a new skb in the place of the old one, which it frees.
 * Pointers to pointers are not to be had from ctx before 6.13, but from the helper. */
SEC("st_fentry/skb_pp_cow_data")
int exchange_begin(__u64 *ctx)
{
	__u64 place = 0, skb = 0;
	struct tracked *t;

	bpf_get_func_arg(ctx, 1, &place);
	bpf_probe_read_kernel(&skb, sizeof(skb), (void *)place);
	t = track_find(skb);
	if (t)
		track_put(&st_exchanged, place, t);
	return 0;
}

SEC("st_fexit/skb_pp_cow_data")
int exchange_end(__u64 *ctx)
{
	__u64 place = 0, skb = 0;
	struct tracked *t;

	bpf_get_func_arg(ctx, 1, &place);
	t = bpf_map_lookup_elem(&st_exchanged, &place);
	if (!t)
		return 0;
	bpf_probe_read_kernel(&skb, sizeof(skb), (void *)place);
	if (!track_find(skb))
		track_inherit(skb, t);
	bpf_map_delete_elem(&st_exchanged, &place);
	return 0;
}

/* --- deaths --- */

#define DIES(name)                                                                                                     \
	SEC("st_fentry/" #name)                                                                                        \
	int dead_##name(__u64 *ctx)                                                                                    \
	{                                                                                                              \
		return track_die(ctx[0]);                                                                              \
	}

DIES(skb_release_head_state)
DIES(napi_skb_free_stolen_head)
DIES(__consume_stateless_skb)

SEC("st_fexit/kfree_skbmem")
int gone_kfree_skbmem(__u64 *ctx)
{
	__u64 skb = ctx[0];

	bpf_map_delete_elem(&st_tracked, &skb);
	return 0;
}

/* --- XDP: without skb in between --- */

SEC("st_fentry/xdp_do_redirect") /* (dev, xdp, prog) */
int frame_leaves(__u64 *ctx)
{
	__u64 head = (__u64)BPF_CORE_READ((struct xdp_buff *)ctx[1], data_hard_start);
	struct left_head *left = bpf_map_lookup_elem(&st_heads, &head);

	if (left && left->packet.dead_cpu == bpf_get_smp_processor_id() &&
	    bpf_ktime_get_ns() - left->packet.dead_ns < REDIRECT_NS)
		left->redirected = 1;
	return 0;
}

/* Another packet's from here on, whoever had the sk_buff and the head before: what is freed into a cache comes back
 * sooner than any time we could wait. */
SEC("st_fexit/__alloc_skb") /* (size, priority, flags, node) */
int born___alloc_skb(__u64 *ctx)
{
	__u64 skb = ctx[4], head;

	if (!skb)
		return 0;
	bpf_map_delete_elem(&st_tracked, &skb);
	head = (__u64)BPF_CORE_READ((struct sk_buff *)skb, head);
	bpf_map_delete_elem(&st_heads, &head);
	return 0;
}

static __always_inline int frame_arrives(__u64 head, __u64 skb)
{
	struct left_head *left = bpf_map_lookup_elem(&st_heads, &head);

	if (!skb)
		return 0;
	if (!left || !left->redirected) {
		bpf_map_delete_elem(&st_tracked, &skb);
		return 0;
	}
	track_inherit(skb, &left->packet);
	bpf_map_delete_elem(&st_heads, &head);
	return 0;
}

SEC("st_fexit/build_skb") /* (data, frag_size) */
int frame_build(__u64 *ctx)
{
	return frame_arrives(ctx[0], ctx[2]);
}

SEC("st_fexit/build_skb_around") /* (skb, data, frag_size) */
int frame_build_around(__u64 *ctx)
{
	return frame_arrives(ctx[1], ctx[3]);
}
