/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs that keep the maps of track.bpf.h: at the functions that make an skb from another one, that free skbs,
 * that allocate them, and that carry packets as XDP frames. */
#pragma once

#include "bpf/track.bpf.h"

static __always_inline int track_derive(__u64 from, __u64 to)
{
	struct tracked *t = track_find(from);

	/* a small negative number is an error (ERR_PTR()), not an skb */
	if (!to || to == from || to >= (__u64)-4095)
		return 0;
	if (t)
		track_put_skb(to, t->origin);
	else
		bpf_map_delete_elem(&st_tracked, &to);
	return 0;
}

/* Follows a list of segments, which skb->next links. */
static __always_inline int track_segments(__u64 from, __u64 first)
{
	struct tracked *t = track_find(from);
	struct sk_buff *seg = (void *)first;

	if (!t || !first || first >= (__u64)-4095)
		return 0;
	for (int i = 0; i < SEGS_MAX; i++) {
		if (!seg)
			return 0;
		track_put_skb((__u64)seg, t->origin);
		seg = BPF_CORE_READ(seg, next);
	}
	if (seg)
		__sync_fetch_and_add(&st_track_cut, 1);
	return 0;
}

/* The last reference to the skb is released. Its head may live on in an XDP frame. */
static __always_inline int track_die(__u64 skb)
{
	struct tracked *t = track_find(skb);
	struct tracked_head h = {};

	if (!t || t->dead_ns)
		return 0;
	t->dead_ns = bpf_ktime_get_ns();
	t->dead_cpu = bpf_get_smp_processor_id();
	h.packet = *t;
	track_put(&st_heads, (__u64)BPF_CORE_READ((struct sk_buff *)skb, head), &h);
	return 0;
}

/* --- births: functions that make an skb from another one; ctx is the array of their arguments and, behind them, their
 * result --- */

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
/* arguments: (new skb, old skb) */
#define FILLS(name)                                                                                                    \
	SEC("st_fexit/" #name)                                                                                         \
	int born_##name(__u64 *ctx)                                                                                    \
	{                                                                                                              \
		return track_derive(ctx[1], ctx[0]);                                                                   \
	}

/* The functions are in net/core/skbuff.c, net/core/gso.c or net/core/dev.c (by kernel version), net/ipv4/ip_output.c
 * and net/ipv6/ip6_output.c. */
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
FILLS(__copy_skb_header)

/* The skb gets another head. */
SEC("st_fexit/pskb_expand_head") /* (skb, nhead, ntail, gfp_mask) */
int expanded(__u64 *ctx)
{
	__u64 skb = ctx[0], head = (__u64)BPF_CORE_READ((struct sk_buff *)skb, head);
	const struct tracked *t = track_find(skb);

	if (t)
		track_put_skb(skb, t->origin);
	else
		bpf_map_delete_elem(&st_heads, &head);
	return 0;
}

struct skb_shared_info {
	struct sk_buff *frag_list;
} __attribute__((preserve_access_index));

struct sk_buff___end {
	unsigned int end; /* sk_buff_data_t: an offset from head on 64-bit machines */
	unsigned char *head;
} __attribute__((preserve_access_index));

/* ip_do_fragment() and ip6_fragment() send an skb that has a frag_list as the skbs of this list. */
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

/* skb_pp_cow_data(pool, pskb, headroom), since 6.3, copies an skb for XDP: it stores the new skb at *pskb and frees the
 * old one. Before 6.13 the verifier lets no program read a pointer to a pointer from ctx, so bpf_get_func_arg() reads
 * it. */
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
		track_put_skb(skb, t->origin);
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

/* --- XDP: the packet travels without an skb --- */

SEC("st_fentry/xdp_do_redirect") /* (dev, xdp, prog) */
int frame_leaves(__u64 *ctx)
{
	__u64 head = (__u64)BPF_CORE_READ((struct xdp_buff *)ctx[1], data_hard_start);
	struct tracked_head *h = bpf_map_lookup_elem(&st_heads, &head);

	if (h && h->packet.dead_ns && h->packet.dead_cpu == bpf_get_smp_processor_id() &&
	    bpf_ktime_get_ns() - h->packet.dead_ns < REDIRECT_NS)
		h->redirected = 1;
	return 0;
}

/* The frame is freed; it lies at its own head. */
#define FRAME_RETURNS(name)                                                                                            \
	SEC("st_fentry/" #name)                                                                                        \
	int frame_##name(__u64 *ctx)                                                                                   \
	{                                                                                                              \
		__u64 head = ctx[0];                                                                                   \
		bpf_map_delete_elem(&st_heads, &head);                                                                 \
		return 0;                                                                                              \
	}

FRAME_RETURNS(xdp_return_frame)
FRAME_RETURNS(xdp_return_frame_rx_napi)
FRAME_RETURNS(xdp_return_frame_bulk)

/* From here on the sk_buff and the head belong to another packet, unless they are those of a frame that was redirected.
 * So their old entries are removed. No timeout can do this: memory that was freed into a cache may be used again sooner
 * than any timeout ends. */
static __always_inline int track_born(__u64 skb)
{
	struct tracked_head *h;
	__u64 head;

	if (!skb || skb >= (__u64)-4095)
		return 0;
	head = (__u64)BPF_CORE_READ((struct sk_buff *)skb, head);
	h = bpf_map_lookup_elem(&st_heads, &head);
	if (h && h->redirected) {
		track_put_skb(skb, h->packet.origin);
		return 0;
	}
	bpf_map_delete_elem(&st_tracked, &skb);
	bpf_map_delete_elem(&st_heads, &head);
	return 0;
}

#define BORN(name, result)                                                                                             \
	SEC("st_fexit/" #name)                                                                                         \
	int born_##name(__u64 *ctx)                                                                                    \
	{                                                                                                              \
		return track_born(ctx[result]);                                                                        \
	}

/* In net/core/skbuff.c. Some allocate by others of these, but none of those that build an skb around a frame. */
BORN(__alloc_skb, 4)
BORN(__netdev_alloc_skb, 3)
BORN(__napi_alloc_skb, 3)
BORN(napi_alloc_skb, 2) /* since 6.10 */
BORN(build_skb, 2)
BORN(build_skb_around, 3)
BORN(napi_build_skb, 2)
BORN(slab_build_skb, 1)
