/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The programs at the base chains of netfilter: bpf/netfilter.bpf.h.
 *
 * Theory of operation. Where a chain ends, the packet may be gone: a verdict of NF_STOLEN says that the chain has kept
 * or freed it, and NF_DROP_REASON() (6.8) frees it and returns NF_STOLEN. Its memory may then hold the allocator's
 * pointers, or another packet, and must not be read. So the record is filled where the chain begins, and kept until it
 * ends. It is sent if the verdict is NF_STOLEN, and shows the packet as it was when the chain began. After other
 * verdicts the packet is read again, because the chain may have changed it.
 *
 * The key is the address of the chain's argument on the stack of the caller, of which no other running chain has the
 * same.
 */
#pragma once

#define CHAINS_MAX	1024 /* chains that run at a time, and those whose end was missed */
#define NF_STOLEN	2    /* include/uapi/linux/netfilter.h */
#define NF_VERDICT_MASK 0xff

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CHAINS_MAX);
	__type(key, __u64);
	__type(value, struct record);
} st_chains SEC(".maps");

__u64 st_chain_lost; /* packets that could not be stored */

static __always_inline int chain_begins(void *ctx, const struct sk_buff *skb, __u64 key)
{
	__u32 addr_bytes;
	struct packet p;
	struct record r;

	if (match(ctx, skb, 0, &r, &p, &addr_bytes))
		return 0;
	if (bpf_map_update_elem(&st_chains, &key, &r, BPF_ANY))
		__sync_fetch_and_add(&st_chain_lost, 1);
	return 0;
}

/* The key is a variable of these functions only, so that its place on the stack is free for others. */
static __always_inline struct record *chain_find(__u64 key)
{
	return bpf_map_lookup_elem(&st_chains, &key);
}

static __always_inline void chain_forget(__u64 key)
{
	bpf_map_delete_elem(&st_chains, &key);
}

static __always_inline int chain_ends(void *ctx, const struct sk_buff *skb, __u64 key, __u32 verdict, __u32 source)
{
	struct record *kept;

	if ((verdict & NF_VERDICT_MASK) != NF_STOLEN) {
		chain_forget(key);
		return trace_skb(ctx, skb, 0, source, 0, 0);
	}
	kept = chain_find(key);
	if (!kept)
		return 0;
	kept->e.ts_ns = bpf_ktime_get_ns();
	kept->e.source = source;
	send(ctx, kept, ST_ADDRS_MAX, source, 0, 0);
	chain_forget(key);
	return 0;
}

SEC("?st_fentry/nf_tables/nft_do_chain")
int nft_chain_begins(__u64 *ctx)
{
	const struct nft_pktinfo *pkt = (const void *)ctx[0];

	return chain_begins(ctx, BPF_CORE_READ(pkt, skb), (__u64)pkt);
}

SEC("?st_fexit/nf_tables/nft_do_chain")
int nft_chain(__u64 *ctx)
{
	const struct nft_pktinfo *pkt = (const void *)ctx[0];

	return chain_ends(ctx, BPF_CORE_READ(pkt, skb), (__u64)pkt, ctx[2], ST_SRC_NETFILTER);
}

#define IPTABLES(name, func, source)                                                                                   \
	SEC("?st_fentry/" func)                                                                                        \
	int name##_chain_begins(__u64 *ctx)                                                                            \
	{                                                                                                              \
		return chain_begins(ctx, ipt_skb(ctx), (__u64)ipt_state(ctx));                                         \
	}                                                                                                              \
	SEC("?st_fexit/" func)                                                                                         \
	int name##_chain(__u64 *ctx)                                                                                   \
	{                                                                                                              \
		return chain_ends(ctx, ipt_skb(ctx), (__u64)ipt_state(ctx), ctx[3], source);                           \
	}

IPTABLES(ipt, "ip_tables/ipt_do_table", ST_SRC_IPTABLES)
IPTABLES(ip6t, "ip6_tables/ip6t_do_table", ST_SRC_IP6TABLES)
