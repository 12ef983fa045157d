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

static __always_inline int prefix_match_v6(const volatile struct st_prefix *f, const __u32 *w_be)
{
	return word_match(f, 0, w_be[0]) && word_match(f, 1, w_be[1]) && word_match(f, 2, w_be[2]) &&
	       word_match(f, 3, w_be[3]);
}

/* Whether the address is in one of several prefixes. Of IPv4, the address is the lower half of lo_be. Such a function
 * is global, so that the verifier checks it once. A single prefix is compared without it, and costs nothing more: the
 * family of the first prefix tells. */
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
			if ((f->family & ~ST_PREFIX_MORE) == family && word_match(f, 0, (__u32)lo_be) &&               \
			    word_match(f, 1, lo_be >> 32) && word_match(f, 2, (__u32)hi_be) &&                         \
			    word_match(f, 3, hi_be >> 32))                                                             \
				return 1;                                                                              \
		}                                                                                                      \
		return 0;                                                                                              \
	}

PREFIXES(in_src, src, n_src)
PREFIXES(in_dst, dst, n_dst)
PREFIXES(in_any, any, n_any)

#define V4_IN(in, first, addr_be) ((first) > 6 && in((__u32)(addr_be), 0, 4))
#define V6_IN(in, first, w_be)                                                                                         \
	((first) > 6 && in((w_be)[0] | (__u64)(w_be)[1] << 32, (w_be)[2] | (__u64)(w_be)[3] << 32, 6))

/* A filter of the other family lets nothing pass. Of both addresses, only the lower half counts. */
static __always_inline int match_v4(__u64 src_be, __u64 dst_be)
{
	const __u32 src = st_cfg.src[0].family, dst = st_cfg.dst[0].family, any = st_cfg.any[0].family;
	__u64 mask_be, addr_be;

	if (src && (src != 4 || !word_match(&st_cfg.src[0], 0, src_be)) && !V4_IN(in_src, src, src_be))
		return 0;
	if (dst && (dst != 4 || !word_match(&st_cfg.dst[0], 0, dst_be)) && !V4_IN(in_dst, dst, dst_be))
		return 0;
	if (!any)
		return 1;
	mask_be = st_cfg.any[0].mask_be[0];
	addr_be = st_cfg.any[0].addr_be[0];
	if (any == 4 && ((src_be & mask_be) == addr_be || (dst_be & mask_be) == addr_be))
		return 1;
	return V4_IN(in_any, any, src_be) || V4_IN(in_any, any, dst_be);
}

static __always_inline int match_v6(const __u32 *src_be, const __u32 *dst_be)
{
	const __u32 src = st_cfg.src[0].family, dst = st_cfg.dst[0].family, any = st_cfg.any[0].family;

	if (src && (src != 6 || !prefix_match_v6(&st_cfg.src[0], src_be)) && !V6_IN(in_src, src, src_be))
		return 0;
	if (dst && (dst != 6 || !prefix_match_v6(&st_cfg.dst[0], dst_be)) && !V6_IN(in_dst, dst, dst_be))
		return 0;
	if (!any || (any == 6 && (prefix_match_v6(&st_cfg.any[0], src_be) || prefix_match_v6(&st_cfg.any[0], dst_be))))
		return 1;
	return V6_IN(in_any, any, src_be) || V6_IN(in_any, any, dst_be);
}

enum usual {
	USUAL_NONE,	/* no such IP header at network_header */
	USUAL_REJECTED, /* the filters reject its addresses */
	USUAL_WANTED,	/* p is filled */
};

/* The compiler must branch on `wanted` instead of computing with it: then the verifier removes the branch where it is
 * always 0. */
static __always_inline int is_wanted(int wanted)
{
	asm volatile("" : "+r"(wanted));
	return wanted;
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
static __always_inline enum usual find_usual(struct packet *p, int wanted)
{
	if (!p->l3 || p->linear_bytes < IPV4_HLEN)
		return USUAL_NONE;
	if (p->proto_be == bpf_htons(ETH_P_IP)) {
		if (bpf_probe_read_kernel(p->b, IPV4_HLEN + L4_BYTES, p->l3) || !is_v4(p->b[0]) ||
		    may_be_tag(p->w_be[0], bpf_htons(ETH_P_IP)))
			return USUAL_NONE;
		if (!match_v4(p->w_be[3], p->w_be[4]) && !is_wanted(wanted))
			return USUAL_REJECTED;
		return usual_fill(p, 4);
	}
	if (p->proto_be == bpf_htons(ETH_P_IPV6)) {
		if (p->linear_bytes < IPV6_HLEN || bpf_probe_read_kernel(p->b, IPV6_HLEN, p->l3) || !is_v6(p->b[0]) ||
		    may_be_tag(p->w_be[0], bpf_htons(ETH_P_IPV6)))
			return USUAL_NONE;
		if (!match_v6(&p->w_be[2], &p->w_be[6]) && !is_wanted(wanted))
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
static __always_inline enum usual plain_find_usual(struct packet *p, const struct sk_buff *skb, int wanted)
{
	struct plain_headers h = plain_headers(skb);
	const __u8 *b;
	__u32 word;

	if (!h.network || h.linear_bytes < IPV4_HLEN)
		return USUAL_NONE;
	if (__builtin_expect(h.proto_be == bpf_htons(ETH_P_IP), 1)) {
		__u64 both_be; /* both addresses with one read; both architectures are little endian */

		b = plain_bytes(h.l3);
		word = *(const __u32 *)b;
		if (!is_v4(word & 0xff) || may_be_tag(word, bpf_htons(ETH_P_IP)))
			return USUAL_NONE;
		both_be = *(const __u64 *)(b + 12);
		if (!match_v4(both_be, both_be >> 32) && !is_wanted(wanted))
			return USUAL_REJECTED;
		return plain_fill(p, &h, b, 4);
	}
	if (h.proto_be == bpf_htons(ETH_P_IPV6)) {
		b = plain_bytes(h.l3);
		word = *(const __u32 *)b;
		if (h.linear_bytes < IPV6_HLEN || !is_v6(word & 0xff) || may_be_tag(word, bpf_htons(ETH_P_IPV6)))
			return USUAL_NONE;
		if (!match_v6((const __u32 *)(b + 8), (const __u32 *)(b + 24)) && !is_wanted(wanted))
			return USUAL_REJECTED;
		return plain_fill(p, &h, b, 6);
	}
	return USUAL_NONE;
}

static __always_inline int match_l3(const struct packet *p)
{
	if (p->family == 4)
		return match_v4(p->w_be[3], p->w_be[4]);
	return p->family ? match_v6(&p->w_be[2], &p->w_be[6]) : !st_cfg.need_l3;
}

/* 0: the filters on addresses let the packet pass, or `wanted` says that another rule wants it; p is filled. */
static __always_inline int find_wanted(struct packet *p, const struct sk_buff *skb, int wanted)
{
	enum usual how;

	if (st_plain) {
		how = plain_find_usual(p, skb, wanted);
	} else {
		if (headers_read(p, skb))
			return -1;
		how = find_usual(p, wanted);
	}
	if (how == USUAL_REJECTED)
		return -1;
	p->by_other_rule = wanted;
	if (how == USUAL_WANTED)
		return 0;
	/* a plain read does not fail: only the helper finds out whether this is an skb at all */
	if (st_plain && headers_read(p, skb))
		return -1;
	packet_find_at(p, skb);
	if (p->unreadable && is_on())
		__sync_fetch_and_add(&st_unreadable, 1);
	return match_l3(p) || is_wanted(wanted) ? 0 : -1;
}
