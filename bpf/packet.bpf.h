/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: finding the IP header of an skb at an arbitrary point of its life.
 *
 * Most functions run with skb->network_header set. It is not yet set (0, as allocated) in a receiving driver, and at
 * early receive points it still holds the sender's value, which across a veth is the same header. So: take
 * network_header when it is set and what stands there looks like IP and agrees with skb->protocol; else what follows
 * the Ethernet header at mac_header; else skb->data itself, as IP or as Ethernet. All reads go through
 * bpf_probe_read_kernel(), so a wrong guess reads garbage or fails, and never faults.
 */
#pragma once

#include "bpf/event.h"
#include "bpf/kernel.h"

#define MAC_UNSET    0xffff /* skb_mac_header_was_set(), include/linux/skbuff.h */
#define ETH_HLEN     14
#define VLAN_HLEN    4
#define IPV4_HLEN    20 /* without options */
#define IPV6_HLEN    40
#define L3_MAX_BYTES 40
#define L4_BYTES     16

struct packet {
	const unsigned char *head; /* skb->head */
	const unsigned char *l3;   /* kernel address of the IP header, NULL: none found */
	__u16 proto_be;		   /* skb->protocol */
	__u8 family;		   /* 4, 6, 0: no IP header */
	__u8 l4;		   /* protocol after the extension headers walked */
	__u8 has_l4;		   /* l4_off_bytes is the start of an L4 header */
	__u16 l4_off_bytes;
	__u16 frag_off; /* fragment offset in units of 8 bytes; 0: the first fragment, or none */
	union {		/* the IP header's first bytes */
		__u8 b[L3_MAX_BYTES];
		__u32 w_be[L3_MAX_BYTES / 4];
		__u64 words[L3_MAX_BYTES / 8];
	};
	struct { /* the L4 header's first bytes */
		__u8 b[L4_BYTES];
	} l4h;
};

static __always_inline int read_ip(struct packet *p, const unsigned char *at)
{
	if (bpf_probe_read_kernel(p->b, L3_MAX_BYTES, at))
		return 0;
	if ((p->b[0] & 0xf0) == 0x40 && (p->b[0] & 0x0f) >= 5 &&
	    (!p->proto_be || p->proto_be != bpf_htons(ETH_P_IPV6))) {
		p->family = 4;
	} else if ((p->b[0] & 0xf0) == 0x60 && (!p->proto_be || p->proto_be != bpf_htons(ETH_P_IP))) {
		p->family = 6;
	} else {
		return 0;
	}
	p->l3 = at;
	return 1;
}

/* An Ethernet header at `at`, perhaps with one VLAN tag, followed by IP. */
static __always_inline int read_eth_ip(struct packet *p, const unsigned char *at)
{
	__u16 type_be = 0;

	if (bpf_probe_read_kernel(&type_be, sizeof(type_be), at + 12))
		return 0;
	if (type_be == bpf_htons(0x8100) || type_be == bpf_htons(0x88a8)) {
		at += VLAN_HLEN;
		if (bpf_probe_read_kernel(&type_be, sizeof(type_be), at + 12))
			return 0;
	}
	if (type_be != bpf_htons(ETH_P_IP) && type_be != bpf_htons(ETH_P_IPV6))
		return 0;
	return read_ip(p, at + ETH_HLEN);
}

/* Is what skb->protocol says an IP packet, or not set yet, or a tag in front of one? */
static __always_inline int may_be_ip(__u16 proto_be)
{
	return proto_be == 0 || proto_be == bpf_htons(ETH_P_IP) || proto_be == bpf_htons(ETH_P_IPV6) ||
	       proto_be == bpf_htons(0x8100) || proto_be == bpf_htons(0x88a8);
}

/* Where an skb's headers are, as it says itself, 16 bits each. */
struct headers {
	__u64 protocol_be, network, mac;
	const unsigned char *head;
};

#define HEADERS_SPAN 40 /* bytes from skb->protocol to the end of skb->head; 28 in the kernels so far */

/* The bytes of skb that say so. They are taken out anew wherever they are wanted: kept, they would be in the way of
 * what is done more often. */
struct headers_raw {
	__u64 room[HEADERS_SPAN / 8 + 1];
};

/* Whether they stand as in every kernel so far: the four side by side, head not far behind. CO-RE folds it. */
static __always_inline int headers_are_near(void)
{
	__u32 protocol = bpf_core_field_offset(((struct sk_buff *)0)->protocol);
	__u32 head = bpf_core_field_offset(((struct sk_buff *)0)->head) - protocol;

	return bpf_core_field_offset(((struct sk_buff *)0)->mac_header) - protocol == 6 && head >= 8 &&
	       head <= HEADERS_SPAN - 8 && !(head & 3);
}

static __always_inline __u32 headers_head(void)
{
	return bpf_core_field_offset(((struct sk_buff *)0)->head) -
	       bpf_core_field_offset(((struct sk_buff *)0)->protocol);
}

/* Where skb->protocol is among them: so that head is aligned, on which the verifier insists; it knows no negation. */
static __always_inline char *headers_at(struct headers_raw *raw)
{
	__u32 pad = headers_head() & 4;

	barrier_var(pad); /* else clang makes an OR of the sum, which is none for pointers */
	return (char *)raw->room + pad;
}

/* One read of all, if they are near. Each helper call that is spared is a quarter of what a packet costs that is not
 * asked for. */
static __always_inline int headers_read(struct headers_raw *raw, const struct sk_buff *skb)
{
	if (headers_are_near())
		return bpf_probe_read_kernel(headers_at(raw), headers_head() + 8,
					     (const char *)skb + bpf_core_field_offset(skb->protocol))
			       ? -1
			       : 0;
	raw->room[0] = BPF_CORE_READ(skb, protocol);
	raw->room[1] = BPF_CORE_READ(skb, network_header);
	raw->room[2] = BPF_CORE_READ(skb, mac_header);
	raw->room[3] = (__u64)BPF_CORE_READ(skb, head);
	return 0;
}

static __always_inline void headers_take(struct headers *h, struct headers_raw *raw)
{
	char *at;

	if (!headers_are_near()) {
		h->protocol_be = raw->room[0];
		h->network = raw->room[1];
		h->mac = raw->room[2];
		h->head = (const unsigned char *)raw->room[3];
		return;
	}
	at = headers_at(raw);
	h->protocol_be = *(__u16 *)at;
	h->network = *(__u16 *)(at + 4);
	h->mac = *(__u16 *)(at + 6);
	barrier_var(h->protocol_be); /* else they are masked at each use */
	barrier_var(h->network);
	barrier_var(h->mac);
	h->head = *(const unsigned char **)(at + headers_head());
}

static __always_inline void packet_find_at(struct packet *p, const struct sk_buff *skb, const struct headers *h)
{
	const unsigned char *data;

	p->l3 = 0;
	p->family = 0;
	p->has_l4 = 0;
	p->frag_off = 0;
	p->proto_be = h->protocol_be;
	p->head = h->head;
	if (!may_be_ip(h->protocol_be))
		return;
	if (h->network && h->network != MAC_UNSET && read_ip(p, p->head + h->network))
		return;
	if (h->mac != MAC_UNSET && read_eth_ip(p, p->head + h->mac))
		return;
	data = BPF_CORE_READ(skb, data);
	/* Bare data counts as IP only when the protocol says so: a first nibble alone proves nothing. */
	if ((h->protocol_be == bpf_htons(ETH_P_IP) || h->protocol_be == bpf_htons(ETH_P_IPV6)) && read_ip(p, data))
		return;
	read_eth_ip(p, data);
}

static __always_inline int packet_find(struct packet *p, const struct sk_buff *skb)
{
	struct headers_raw raw;
	struct headers h;

	if (headers_read(&raw, skb))
		return -1;
	headers_take(&h, &raw);
	packet_find_at(p, skb, &h);
	return 0;
}

/* Reads the L4 protocol, walking up to four IPv6 extension headers, and the first bytes of the L4 header. */
static __always_inline void packet_read_l4(struct packet *p)
{
	__u32 off = 40;
	__u8 next = p->b[6];

	if (p->family == 4) {
		p->l4 = p->b[9];
		p->l4_off_bytes = (p->b[0] & 0x0f) * 4;
		/* a fragment but the first has no L4 header */
		p->frag_off = bpf_ntohl(p->w_be[1]) & 0x1fff;
		p->has_l4 = !p->frag_off;
	} else {
		p->has_l4 = 1;
#pragma unroll
		for (int i = 0; i < 4; i++) {
			__u8 ext[8];

			/* hop-by-hop 0, routing 43, fragment 44, destination options 60: RFC 8200 */
			if (next != 0 && next != 43 && next != 44 && next != 60)
				break;
			if (bpf_probe_read_kernel(ext, sizeof(ext), p->l3 + off)) {
				p->has_l4 = 0;
				break;
			}
			if (next == 44) {
				p->frag_off = ext[2] << 5 | ext[3] >> 3;
				p->has_l4 = !p->frag_off;
				off += 8;
			} else {
				off += 8 + ext[1] * 8;
			}
			next = ext[0];
			if (!p->has_l4)
				break;
		}
		p->l4 = next;
		p->l4_off_bytes = off;
	}
	if (!p->has_l4)
		return;
	/* nearly always, but so the verifier looks at the other case first, which contains this one's states */
	if (__builtin_expect(p->family == 4 && p->l4_off_bytes == IPV4_HLEN, 0))
		__builtin_memcpy(&p->l4h, p->b + IPV4_HLEN, sizeof(p->l4h));
	else if (bpf_probe_read_kernel(&p->l4h, sizeof(p->l4h), p->l3 + p->l4_off_bytes))
		p->has_l4 = 0;
}

static __always_inline int l4_has_ports(__u8 l4)
{
	return l4 == 6 || l4 == 17 || l4 == 132 || l4 == 33 || l4 == 136; /* TCP, UDP, SCTP, DCCP, UDP-Lite */
}

static __always_inline __u16 l4_u16(const struct packet *p, int off)
{
	return *(const __u16 *)(p->l4h.b + off);
}

/* Two members of four bytes by one read, where they stand near each other in this kernel; else -1. CO-RE folds the
 * test. */
#define NEAR_BYTES 64

static __always_inline int read_near(const void *base, __u32 off_a, __u32 off_b, __u32 *ret_a, __u32 *ret_b)
{
	__u32 from = off_a < off_b ? off_a : off_b, span = (off_a < off_b ? off_b : off_a) - from + 4;
	__u64 room[NEAR_BYTES / 8];

	if (span > NEAR_BYTES || (span & 3) || bpf_probe_read_kernel(room, span, (const char *)base + from))
		return -1;
	*ret_a = *(__u32 *)((char *)room + (off_a - from));
	*ret_b = *(__u32 *)((char *)room + (off_b - from));
	return 0;
}

/* What an event tells of the sk_buff itself. */
struct skb_info {
	const struct net_device *dev;
	__u32 len_bytes;
	__u32 mark; /* 0 unless asked for */
};

/* By one read, where the members are near each other and the room holds them, as in every kernel so far: from dev, over
 * len, to mark. room is overwritten. CO-RE folds the test. */
static __always_inline void skb_read(const struct sk_buff *skb, int with_mark, void *room, __u32 room_bytes,
				     struct skb_info *ret)
{
	__u32 from = bpf_core_field_offset(skb->dev), len = bpf_core_field_offset(skb->len) - from,
	      mark = bpf_core_field_offset(skb->mark) - from, span = (with_mark ? mark : len) + 4;

	ret->mark = 0;
	if (len <= room_bytes - 4 && mark <= room_bytes - 4 && len <= mark && !(len & 3) && !(mark & 3)) {
		bpf_probe_read_kernel(room, span, &((const char *)skb)[from]); /* where it fails there are zeros */
		ret->dev = *(const struct net_device **)room;
		ret->len_bytes = *(__u32 *)((char *)room + len);
		if (with_mark)
			ret->mark = *(__u32 *)((char *)room + mark);
		return;
	}
	ret->dev = BPF_CORE_READ(skb, dev);
	ret->len_bytes = BPF_CORE_READ(skb, len);
	if (with_mark)
		ret->mark = BPF_CORE_READ(skb, mark);
}

struct dev_info {
	__u32 netns, ifindex;
	__u32 mtu; /* 0 unless asked for */
};

/* dev shares a union with other users of its slot, so it is believed only when its namespace looks like one. */
static __always_inline int dev_read(const struct net_device *dev, int with_mtu, struct dev_info *ret)
{
	struct net *net;

	ret->netns = 0;
	ret->ifindex = 0;
	ret->mtu = 0;
	if (!dev || BPF_CORE_READ_INTO(&net, dev, nd_net.net) || !net)
		return 0;
	ret->netns = BPF_CORE_READ(net, ns.inum);
	if (with_mtu) {
		if (read_near(dev, bpf_core_field_offset(dev->ifindex), bpf_core_field_offset(dev->mtu), &ret->ifindex,
			      &ret->mtu)) {
			ret->ifindex = BPF_CORE_READ(dev, ifindex);
			ret->mtu = BPF_CORE_READ(dev, mtu);
		}
	} else {
		ret->ifindex = BPF_CORE_READ(dev, ifindex);
	}
	return ret->netns >= NS_INUM_MIN && (__s32)ret->ifindex > 0;
}
