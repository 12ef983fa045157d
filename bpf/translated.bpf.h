/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets of another flow that become packets of the watched one on their way, and the other way round: a service
 * address is translated on the host. The programs here only explain a verdict; no verdict rests on them. So they write
 * no records, and what they miss is not counted as lost.
 *
 * Theory of operation. What a pod transmits is remembered under its skb. If the same skb is later seen with other
 * addresses or ports, and only one of both is of the watched flow, it was translated. An skb's address is reused: a
 * packet from a pod overwrites what was remembered, and of another packet both the address and the port of one side
 * would have to be the same.
 */
#pragma once

#include "bpf/packet.bpf.h"

#define TRANSLATED_SKBS 1024 /* under way at a time */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRANSLATED_SKBS);
	__type(key, __u64);
	__type(value, struct st_tuple);
} st_left SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * ST_TRANSLATED_MAX);
	__type(key, __u32);
	__type(value, struct st_translated);
} st_translated SEC(".maps");

static __always_inline int same_addr(const volatile __u32 *a_be, const __u32 *b_be)
{
	return a_be[0] == b_be[0] && a_be[1] == b_be[1] && a_be[2] == b_be[2] && a_be[3] == b_be[3];
}

/* 0 if the packet is not of the flow's family and protocol, or its ports are not known. */
static __always_inline int tuple_read(struct st_tuple *t, const struct sk_buff *skb)
{
	struct packet p;

	__builtin_memset(t, 0, sizeof(*t));
	if (packet_find(&p, skb) || p.family != st_flow.family)
		return 0;
	packet_read_l4(&p);
	if (p.l4 != st_flow.l4 || !p.has_l4)
		return 0;
	if (p.family == 4) {
		t->src_be[0] = p.w_be[3];
		t->dst_be[0] = p.w_be[4];
	} else {
		__builtin_memcpy(t->src_be, &p.w_be[2], 16);
		__builtin_memcpy(t->dst_be, &p.w_be[6], 16);
	}
	if (p.l4 == 1 || p.l4 == 58) {
		/* echoes only: the same id and sequence number on both sides */
		if (p.l4h.b[0] != (p.l4 == 1 ? 0 : 129) && p.l4h.b[0] != (p.l4 == 1 ? 8 : 128))
			return 0;
		t->sport_be = l4_u16(&p, 4);
		t->dport_be = l4_u16(&p, 6);
		return 1;
	}
	t->sport_be = l4_u16(&p, 0);
	t->dport_be = l4_u16(&p, 2);
	return 1;
}

/* 0 source to destination, 1 the reverse, -1 another flow. */
static __always_inline int tuple_direction(const struct st_tuple *t)
{
	if (same_addr(st_flow.src_be, t->src_be) && same_addr(st_flow.dst_be, t->dst_be) &&
	    (!st_flow.port_be || st_flow.port_be == t->dport_be))
		return 0;
	if (same_addr(st_flow.dst_be, t->src_be) && same_addr(st_flow.src_be, t->dst_be) &&
	    (!st_flow.port_be || st_flow.port_be == t->sport_be))
		return 1;
	return -1;
}

/* Whether one side is the same, so that b can be the translated a. */
static __always_inline int tuple_half(const struct st_tuple *a, const struct st_tuple *b)
{
	return (a->sport_be == b->sport_be && same_addr(a->src_be, b->src_be)) ||
	       (a->dport_be == b->dport_be && same_addr(a->dst_be, b->dst_be));
}

static __always_inline void translated(const struct st_tuple *from, const struct st_tuple *to)
{
	int before = tuple_direction(from), now = tuple_direction(to);
	struct st_translated *t;
	__u32 key;

	if ((before < 0) == (now < 0) || !tuple_half(from, to))
		return;
	key = before < 0 ? now * ST_TRANSLATED_MAX + ST_TRANSLATED_INTO
			 : before * ST_TRANSLATED_MAX + ST_TRANSLATED_OUT_OF;
	t = bpf_map_lookup_elem(&st_translated, &key);
	if (!t)
		return;
	if (!t->n) {
		t->from = *from;
		t->to = *to;
	}
	t->n++; /* at once on two CPUs one may be missed, which only a text shows */
}

/* Whether the packet leaves the pod that has its source address. */
static __always_inline int leaves_pod(const struct st_tuple *t, const struct net_device *dev)
{
	__u32 netns = BPF_CORE_READ(dev, nd_net.net, ns.inum);

	return (netns == st_flow.pods[0] && same_addr(st_flow.src_be, t->src_be)) ||
	       (netns == st_flow.pods[1] && same_addr(st_flow.dst_be, t->src_be));
}

static __always_inline void translated_look(const struct sk_buff *skb, const struct st_tuple *t)
{
	__u64 key = (__u64)skb;
	struct st_tuple *left = bpf_map_lookup_elem(&st_left, &key);

	if (!left)
		return;
	translated(left, t);
	*left = *t;
}

SEC("raw_tp/net_dev_start_xmit")
int translated_xmit(struct bpf_raw_tracepoint_args *ctx)
{
	const struct sk_buff *skb = (const struct sk_buff *)ctx->args[0];
	__u64 key = (__u64)skb;
	struct st_tuple t;

	if (!is_on() || !tuple_read(&t, skb))
		return 0;
	if (leaves_pod(&t, (const struct net_device *)ctx->args[1]))
		bpf_map_update_elem(&st_left, &key, &t, BPF_ANY);
	else
		translated_look(skb, &t);
	return 0;
}

static __always_inline int translated_input(const struct sk_buff *skb)
{
	struct st_tuple t;

	if (is_on() && tuple_read(&t, skb))
		translated_look(skb, &t);
	return 0;
}

SEC("st_fentry/ip_rcv")
int BPF_PROG(translated_ip_rcv, struct sk_buff *skb)
{
	return translated_input(skb);
}

SEC("st_fentry/ipv6_rcv")
int BPF_PROG(translated_ipv6_rcv, struct sk_buff *skb)
{
	return translated_input(skb);
}
