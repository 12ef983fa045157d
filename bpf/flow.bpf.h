/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a packet belongs to the flow that the evidence is about (st_flow), and what a record of it says of its
 * headers. A packet that may belong to it, and cannot be read far enough to tell, is recorded as such: leaving it out
 * could hide that it touched a device.
 */
#pragma once

#include "bpf/config.h"
#include "bpf/enabled.bpf.h"
#include "bpf/packet.bpf.h"

const volatile struct st_flow st_flow = {};

static __always_inline int addr_eq(const volatile __u32 *a_be, const __u32 *b_be)
{
	if (st_flow.family == 4)
		return a_be[0] == b_be[0];
	return a_be[0] == b_be[0] && a_be[1] == b_be[1] && a_be[2] == b_be[2] && a_be[3] == b_be[3];
}

/* 0: source to destination, 1: the reverse, -1: another flow. */
static __always_inline int flow_direction(const struct packet *p)
{
	const __u32 *src = &p->w_be[st_flow.family == 4 ? 3 : 2];
	const __u32 *dst = &p->w_be[st_flow.family == 4 ? 4 : 6];

	if (p->family != st_flow.family)
		return -1;
	if (addr_eq(st_flow.src_be, src) && addr_eq(st_flow.dst_be, dst))
		return 0;
	if (addr_eq(st_flow.dst_be, src) && addr_eq(st_flow.src_be, dst))
		return 1;
	return -1;
}

static __always_inline __u16 payload_bytes(const struct packet *p)
{
	__u16 total_bytes = ip_bytes(p);
	__u16 header_bytes = p->l4_off_bytes + (p->l4 == 6 ? (p->l4h.b[12] >> 4) * 4 : 8);

	return total_bytes > header_bytes ? total_bytes - header_bytes : 0;
}

#define V4_MORE_FRAGMENTS 0x2000
#define V6_FRAGMENT	  44
#define AUTHENTICATION	  51

/* IPv6 headers behind which another header follows, and the authentication header of both versions: if one of them is
 * what packet_read_l4() came to, the packet may carry anything. Numbers: IANA, IPv6 Extension Header Types. */
static __always_inline int is_unparsed(const struct packet *p)
{
	if (!p->has_l4 && !p->frag_off)
		return 1;
	if (p->l4 == AUTHENTICATION)
		return 1;
	return p->family == 6 && (p->l4 == 0 || p->l4 == 43 || p->l4 == V6_FRAGMENT || p->l4 == 60 || p->l4 == 135 ||
				  p->l4 == 139 || p->l4 == 140);
}

/* Finds IPv6's fragment header as packet_read_l4() does, and reads from it what that does not keep. */
static __always_inline void fragment_read(struct st_hook_event *w, const struct packet *p)
{
	__u8 next = p->b[6], ext[8];
	__u32 off = IPV6_HLEN;

	if (p->family == 4) {
		w->is_fragment = p->frag_off || bpf_ntohl(p->w_be[1]) & V4_MORE_FRAGMENTS;
		return;
	}
#pragma unroll
	for (int i = 0; i < 4; i++) {
		if ((next != 0 && next != 43 && next != V6_FRAGMENT && next != 60) ||
		    (__s32)(off + sizeof(ext)) > p->linear_bytes ||
		    bpf_probe_read_kernel(ext, sizeof(ext), p->l3 + off))
			return;
		if (next == V6_FRAGMENT) {
			w->is_fragment = 1;
			w->fragment_id = bpf_ntohl(*(__u32 *)(ext + 4));
			return;
		}
		off += 8 + ext[1] * 8;
		next = ext[0];
	}
}

/* Fills the L4 members. Returns whether the packet belongs to this direction of the flow, or may: echo requests to the
 * forward direction and replies to the reverse one, TCP and UDP by the port of the destination. */
static __always_inline int flow_l4(struct st_hook_event *w, const struct packet *p, int reverse)
{
	__u16 service_be;

	w->l4 = p->l4;
	if (is_unparsed(p)) {
		w->unparsed = 1;
		return 1;
	}
	if (p->l4 != st_flow.l4)
		return 0;
	w->has_l4 = p->has_l4;
	w->frag_off = p->frag_off;
	fragment_read(w, p);
	if (!p->has_l4)
		return 1;
	if (p->l4 == 1 || p->l4 == 58) {
		w->icmp_type = p->l4h.b[0];
		w->sport_be = l4_u16(p, 4);
		w->dport_be = l4_u16(p, 6);
		if (p->l4 == 1)
			return w->icmp_type == (reverse ? 0 : 8);
		return w->icmp_type == (reverse ? 129 : 128);
	}
	w->sport_be = l4_u16(p, 0);
	w->dport_be = l4_u16(p, 2);
	w->payload_bytes = payload_bytes(p);
	if (p->l4 == 6) {
		w->l4_seq = bpf_ntohl(*(const __u32 *)(p->l4h.b + 4));
		w->tcp_flags = p->l4h.b[13];
	}
	service_be = reverse ? w->sport_be : w->dport_be;
	w->other_port = st_flow.port_be && st_flow.port_be != service_be;
	return !w->other_port || w->is_fragment;
}

/* Whether the device is one of the two host-side devices of the flow. */
static __always_inline int is_watched(const struct net_device *dev)
{
	__u32 ifindex = BPF_CORE_READ(dev, ifindex), netns = BPF_CORE_READ(dev, nd_net.net, ns.inum);
	int found = st_flow.watch_all;

#pragma unroll
	for (int i = 0; i < ST_WATCH_MAX; i++)
		found |= st_flow.watch[i].ifindex && st_flow.watch[i].ifindex == ifindex &&
			 st_flow.watch[i].netns == netns;
	return found;
}

/* An IP packet whose header cannot be read may be of the flow. It is recorded at the flow's host-side devices, or
 * everywhere. */
static __always_inline int may_be_of_flow(struct st_hook_event *w, const struct packet *p, const struct net_device *dev)
{
	if ((!is_ip(p->proto_be) && !p->unreadable) || !is_watched(dev))
		return 0;
	__builtin_memset(w, 0, sizeof(*w));
	w->unparsed = 1;
	return 1;
}

static __always_inline int flow_match(struct st_hook_event *w, const struct sk_buff *skb, const struct net_device *dev)
{
	struct packet p;
	int dir;

	if (!is_on() || !skb || packet_find(&p, skb))
		return 0;
	if (!p.family)
		return may_be_of_flow(w, &p, dev);
	dir = flow_direction(&p);
	if (dir < 0)
		return 0;
	packet_read_l4(&p);
	__builtin_memset(w, 0, sizeof(*w));
	w->reverse = dir;
	if (p.family == 4)
		w->ip_id_be = *(const __u16 *)(p.b + 4);
	return flow_l4(w, &p, dir);
}
