/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: turning away what is not asked for, as cheaply as can be.
 *
 * Nearly every run of a program is one for a packet of no interest. So one place is looked at on its own, and first:
 * the IP header at network_header, of the version that skb->protocol names. Nearly all packets have it there, and
 * packet_find_at() would believe the same one. Where it is not there, all is left to packet_find_at().
 */
#pragma once

#include "bpf/addrs.bpf.h"
#include "bpf/plain.bpf.h"

/* Whether a packet is wanted whatever it is: it is followed, or stands in for one that is. Where no option makes that
 * so there is nothing to be kept until it is asked. */
struct anyway {
	int known; /* told by the caller; a constant */
	int is;	   /* set if known, or if one of the options is on */
};

static __always_inline int has_anyway(const struct anyway *a)
{
	return a->known || st_cfg.by_stack || st_cfg.track;
}

static __always_inline int is_anyway(const struct anyway *a)
{
	return has_anyway(a) && a->is;
}

enum usual { USUAL_NO, USUAL_OTHER, USUAL_WANTED };

static __always_inline enum usual judge_v4(const __u32 *w_be, const struct anyway *anyway)
{
	/* the version, and the header's length in words, of at least 5 */
	if ((__u8)(*(const __u8 *)w_be - 0x45) > 0x0a)
		return USUAL_NO;
	return match_addrs(4, w_be) || is_anyway(anyway) ? USUAL_WANTED : USUAL_OTHER;
}

static __always_inline enum usual judge_v6(const __u32 *w_be, const struct anyway *anyway)
{
	if ((*(const __u8 *)w_be & 0xf0) != 0x60)
		return USUAL_NO;
	return match_addrs(6, w_be) || is_anyway(anyway) ? USUAL_WANTED : USUAL_OTHER;
}

/* The header itself comes into p if it is wanted, and what is behind it, which is wanted next: one helper more costs
 * what 200 bytes more do. */
static __always_inline enum usual usual_v4(struct packet *p, const void *at, const struct anyway *anyway)
{
	enum usual how;

	if (!st_plain) {
		if (bpf_probe_read_kernel(p->b, IPV4_HLEN + L4_BYTES, at))
			return USUAL_NO;
		return judge_v4(p->w_be, anyway);
	}
	how = judge_v4((const void *)PLAIN(iphdr, at), anyway);
	if (how == USUAL_WANTED)
		plain_l3(p, at);
	return how;
}

static __always_inline enum usual usual_v6(struct packet *p, const void *at, const struct anyway *anyway)
{
	enum usual how;

	if (!st_plain)
		return bpf_probe_read_kernel(p->b, IPV6_HLEN, at) ? USUAL_NO : judge_v6(p->w_be, anyway);
	how = judge_v6((const void *)PLAIN(ipv6hdr, at), anyway);
	if (how == USUAL_WANTED)
		plain_l3(p, at);
	return how;
}

static __always_inline void headers_of(struct headers *h, struct headers_raw *raw, const struct sk_buff *skb)
{
	if (st_plain)
		plain_headers(h, skb);
	else
		headers_take(h, raw);
}

static __always_inline enum usual find_usual(struct packet *p, const struct sk_buff *skb, struct headers_raw *raw,
					     const struct anyway *anyway)
{
	struct headers h;
	enum usual how;

	headers_of(&h, raw, skb);
	if (!h.network || h.network == MAC_UNSET)
		return USUAL_NO;
	if (h.protocol_be == bpf_htons(ETH_P_IP)) {
		how = usual_v4(p, h.head + h.network, anyway);
		p->family = 4;
	} else if (h.protocol_be == bpf_htons(ETH_P_IPV6)) {
		how = usual_v6(p, h.head + h.network, anyway);
		p->family = 6;
	} else {
		return USUAL_NO;
	}
	if (how != USUAL_WANTED)
		return how;
	headers_of(&h, raw, skb);
	p->head = h.head;
	p->l3 = h.head + h.network;
	p->proto_be = h.protocol_be;
	p->has_l4 = 0;
	p->frag_off = 0;
	return how;
}

static __always_inline int match_l3(const struct packet *p)
{
	return p->family ? match_addrs(p->family, p->w_be) : !st_cfg.need_l3;
}

/* 0: p is what the filters on addresses let pass, or what is wanted anyway. */
static __always_inline int find_wanted(struct packet *p, const struct sk_buff *skb, const struct anyway *anyway)
{
	struct headers_raw raw;
	struct headers h;
	enum usual how;

	if (!st_plain && headers_read(&raw, skb))
		return -1;
	how = find_usual(p, skb, &raw, anyway);
	if (how != USUAL_NO)
		return how == USUAL_WANTED ? 0 : -1;
	if (st_plain) { /* a plain read cannot fail: whether this is an skb at all, the helper tells */
		if (packet_find(p, skb))
			return -1;
	} else {
		headers_take(&h, &raw);
		packet_find_at(p, skb, &h);
	}
	return match_l3(p) || is_anyway(anyway) ? 0 : -1;
}
