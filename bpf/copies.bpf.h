/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies and parts of packets that match. Where packets are not followed (track.bpf.h), a record tells user space which
 * skb is made of which, so that both have one packet number. Copies of packets that do not match cost a test.
 */
#pragma once

/* from, to: skbs. A global function takes numbers only, see as_number(). */
static __always_inline int copied(void *ctx, __u64 from, __u64 to)
{
	if (st_cfg.has_early || st_skb_expr || st_n_values)
		from = as_number((const void *)from);
	/* a small negative number is an error (ERR_PTR()), not an skb */
	if (!to || to >= (__u64)-4095)
		return 0;
	return trace_skb(ctx, (const struct sk_buff *)from, 0, ST_SRC_COPY, to, 0);
}

/* Clones, copies, GSO segments; and an skb that is made anew of another one, as in reassembly (net/core/skbuff.c). */
SEC("?st_fentry/__copy_skb_header") /* (new, old) */
int copy_header(__u64 *ctx)
{
	return copied(ctx, ctx[1], ctx[0]);
}

/* Fragments, each made of the packet: net/ipv4/ip_output.c, net/ipv6/ip6_output.c. */
SEC("?st_fexit/ip_frag_next") /* (skb, state) */
int copy_frag_v4(__u64 *ctx)
{
	return copied(ctx, ctx[0], ctx[2]);
}

SEC("?st_fexit/ip6_frag_next") /* (skb, state) */
int copy_frag_v6(__u64 *ctx)
{
	return copied(ctx, ctx[0], ctx[2]);
}

/* Fragments that are there already, in a list: each follows the one before it. */
struct ip_fraglist_iter {
	struct sk_buff *frag;
} __attribute__((preserve_access_index));

struct ip6_fraglist_iter {
	struct sk_buff *frag;
} __attribute__((preserve_access_index));

SEC("?st_fentry/ip_fraglist_prepare") /* (skb, iter) */
int copy_fraglist_v4(__u64 *ctx)
{
	return copied(ctx, ctx[0], (__u64)BPF_CORE_READ((const struct ip_fraglist_iter *)ctx[1], frag));
}

SEC("?st_fentry/ip6_fraglist_prepare") /* (skb, iter) */
int copy_fraglist_v6(__u64 *ctx)
{
	return copied(ctx, ctx[0], (__u64)BPF_CORE_READ((const struct ip6_fraglist_iter *)ctx[1], frag));
}
