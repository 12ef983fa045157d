/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filters on addresses: --filter-src-ip, --filter-dst-ip, --filter-ip.
 *
 * Theory of operation: rejecting a packet by its addresses with as few instructions as possible.
 *
 * Nearly every run of a program is for a packet that nobody asked for. So the usual place is read first: the IP header
 * at network_header, of the version that skb->protocol names. Nearly all packets have their header there, and
 * packet_find_at() would find the same one. If there is no such header, or it may be a VLAN tag, packet_find_at()
 * searches.
 */
#pragma once

#include "bpf/config.h"
#include "bpf/enabled.bpf.h"
#include "bpf/plain.bpf.h"

__u64 st_unreadable; /* events of packets with a header that could not be read */

/* Of w_be, only the lower half counts. */
static __always_inline int word_match(const volatile struct st_prefix *f, int word, __u64 w_be)
{
	return (w_be & f->mask_be[word]) == f->addr_be[word];
}

/* Whether the address is in one of several prefixes. Of IPv4, the address is the lower half of lo_be. Such a function
 * is global, so that the verifier checks it once. A single prefix is compared without it, and costs nothing more. */
#define PREFIXES(name, prefixes, n)                                                                                    \
	__attribute__((noinline)) int name(__u64 lo_be, __u64 hi_be, __u32 family)                                     \
	{                                                                                                              \
		const __u32 end = st_cfg.n;                                                                            \
                                                                                                                       \
		for (__u32 i = 0; i < ST_FILTER_VALUES; i++) {                                                         \
			const volatile struct st_prefix *f = &st_cfg.prefixes[i];                                      \
                                                                                                                       \
			if (i >= end)                                                                                  \
				break;                                                                                 \
			if (f->family == family && word_match(f, 0, (__u32)lo_be) && word_match(f, 1, lo_be >> 32) &&  \
			    word_match(f, 2, (__u32)hi_be) && word_match(f, 3, hi_be >> 32))                           \
				return 1;                                                                              \
		}                                                                                                      \
		return 0;                                                                                              \
	}

PREFIXES(in_src, src, n_src)
PREFIXES(in_dst, dst, n_dst)
PREFIXES(in_any, any, n_any)

/* The filters that have several values, for both addresses. */
__attribute__((noinline)) int several_match(__u64 src_lo_be, __u64 src_hi_be, __u64 dst_lo_be, __u64 dst_hi_be,
					    __u32 family)
{
	const volatile struct st_config *c = &st_cfg;

	if (c->n_src > 1 && !in_src(src_lo_be, src_hi_be, family))
		return 0;
	if (c->n_dst > 1 && !in_dst(dst_lo_be, dst_hi_be, family))
		return 0;
	return c->n_any <= 1 || in_any(src_lo_be, src_hi_be, family) || in_any(dst_lo_be, dst_hi_be, family);
}

/* p has an IP header. */
static __always_inline int match_several(const struct packet *p)
{
	if (!st_cfg.has_several_addrs)
		return 1;
	if (p->family == 4)
		return several_match(p->w_be[3], 0, p->w_be[4], 0, 4);
	return several_match(p->words[1], p->words[2], p->words[3], p->words[4], 6);
}

/* The filters that have one value. Both addresses of an IPv4 packet, the source in the lower half. */
static __always_inline int match_v4(const volatile struct st_config *c, __u64 both_be)
{
	const volatile struct st_pair *pair = c->v4;

	return (both_be & pair[0].mask_be) == pair[0].addrs_be || (both_be & pair[1].mask_be) == pair[1].addrs_be;
}

static __always_inline __u64 both_v4(const struct packet *p)
{
	return p->w_be[3] | (__u64)p->w_be[4] << 32;
}

/* A filter of the other family lets nothing pass. */
static __always_inline int prefix_match_v6(const volatile struct st_prefix *f, const __u32 *w_be)
{
	return f->family == 6 && word_match(f, 0, w_be[0]) && word_match(f, 1, w_be[1]) && word_match(f, 2, w_be[2]) &&
	       word_match(f, 3, w_be[3]);
}

/* The filters that have one value. */
static __always_inline int match_v6(const __u32 *src_be, const __u32 *dst_be)
{
	const volatile struct st_config *c = &st_cfg;

	if (c->n_src == 1 && !prefix_match_v6(c->src, src_be))
		return 0;
	if (c->n_dst == 1 && !prefix_match_v6(c->dst, dst_be))
		return 0;
	return c->n_any != 1 || prefix_match_v6(c->any, src_be) || prefix_match_v6(c->any, dst_be);
}

enum usual {
	USUAL_NONE,	/* no such IP header at network_header */
	USUAL_REJECTED, /* a filter of one value rejects its addresses */
	USUAL_WANTED,	/* p is filled */
};

/* Whether another rule than the filters wants the packet. */
static __always_inline int by_other_rule(const struct packet *p, const volatile struct st_config *c)
{
	return c->has_other_rule && p->by_other_rule;
}

static __always_inline enum usual usual_fill(struct packet *p, __u8 family)
{
	p->family = family;
	p->has_l4 = 0;
	p->frag_off = 0;
	return USUAL_WANTED;
}

/* Reads the IP header into p, an IPv4 header together with the L4 header behind it: a second call of the helper would
 * cost as much as reading 200 bytes more. headers_read() must have run before. */
static __always_inline enum usual find_usual(struct packet *p)
{
	if (!p->l3 || p->linear_bytes < IPV4_HLEN)
		return USUAL_NONE;
	if (p->proto_be == bpf_htons(ETH_P_IP)) {
		if (bpf_probe_read_kernel(p->b, IPV4_HLEN + L4_BYTES, p->l3) || !is_v4(p->b[0]) ||
		    may_be_tag(p->w_be[0], bpf_htons(ETH_P_IP)))
			return USUAL_NONE;
		if (!match_v4(&st_cfg, both_v4(p)) && !by_other_rule(p, &st_cfg))
			return USUAL_REJECTED;
		return usual_fill(p, 4);
	}
	if (p->proto_be == bpf_htons(ETH_P_IPV6)) {
		if (p->linear_bytes < IPV6_HLEN || bpf_probe_read_kernel(p->b, IPV6_HLEN, p->l3) || !is_v6(p->b[0]) ||
		    may_be_tag(p->w_be[0], bpf_htons(ETH_P_IPV6)))
			return USUAL_NONE;
		if (!match_v6(&p->w_be[2], &p->w_be[6]) && !by_other_rule(p, &st_cfg))
			return USUAL_REJECTED;
		return usual_fill(p, 6);
	}
	return USUAL_NONE;
}

static __always_inline enum usual plain_fill(struct packet *p, const struct plain_headers *h, const void *bytes,
					     __u8 family)
{
	p->proto_be = h->proto_be;
	p->head = h->head;
	p->l3 = h->l3;
	p->linear_bytes = h->linear_bytes;
	p->unreadable = 0;
	plain_copy(p->b, bytes, family == 4 ? 24 : IPV6_HLEN); /* without options; up to a multiple of 8 */
	return usual_fill(p, family);
}

/* Like find_usual(), but p is filled only if the packet matches. IPv4 is expected: it is compared first. */
static __always_inline enum usual plain_find_usual(struct packet *p, const struct sk_buff *skb,
						   const volatile struct st_config *c)
{
	struct plain_headers h = plain_headers(skb);
	const __u8 *b;
	__u32 word;

	if (!h.network || h.linear_bytes < IPV4_HLEN)
		return USUAL_NONE;
	if (__builtin_expect(h.proto_be == bpf_htons(ETH_P_IP), 1)) {
		b = plain_bytes(h.l3);
		word = *(const __u32 *)b;
		if (!is_v4(word & 0xff) || may_be_tag(word, bpf_htons(ETH_P_IP)))
			return USUAL_NONE;
		/* both addresses with one read; both architectures are little endian */
		if (!match_v4(c, *(const __u64 *)(b + 12)) && !by_other_rule(p, c))
			return USUAL_REJECTED;
		return plain_fill(p, &h, b, 4);
	}
	if (h.proto_be == bpf_htons(ETH_P_IPV6)) {
		b = plain_bytes(h.l3);
		word = *(const __u32 *)b;
		if (h.linear_bytes < IPV6_HLEN || !is_v6(word & 0xff) || may_be_tag(word, bpf_htons(ETH_P_IPV6)))
			return USUAL_NONE;
		if (!match_v6((const __u32 *)(b + 8), (const __u32 *)(b + 24)) && !by_other_rule(p, c))
			return USUAL_REJECTED;
		return plain_fill(p, &h, b, 6);
	}
	return USUAL_NONE;
}

static __always_inline int match_l3(const struct packet *p)
{
	if (!p->family)
		return !st_cfg.need_l3;
	if (p->family == 4 ? !match_v4(&st_cfg, both_v4(p)) : !match_v6(&p->w_be[2], &p->w_be[6]))
		return 0;
	return match_several(p);
}

/* 0: the filters on addresses let the packet pass, or another rule wants it; p is filled. */
static __always_inline int find_wanted(struct packet *p, const struct sk_buff *skb, const volatile struct st_config *c)
{
	enum usual how;

	if (c->plain) {
		how = plain_find_usual(p, skb, c);
	} else {
		if (headers_read(p, skb))
			return -1;
		how = find_usual(p);
	}
	if (how == USUAL_REJECTED)
		return -1;
	if (how == USUAL_WANTED)
		return match_several(p) || by_other_rule(p, c) ? 0 : -1;
	/* a plain read does not fail: only the helper finds out whether this is an skb at all */
	if (st_cfg.plain && headers_read(p, skb))
		return -1;
	packet_find_at(p, skb);
	if (p->unreadable && is_on())
		__sync_fetch_and_add(&st_unreadable, 1);
	return match_l3(p) || by_other_rule(p, c) ? 0 : -1;
}
