/* SPDX-License-Identifier: GPL-2.0-only */
/* The headers of an skb, as far as they can be read. Where the IP header is: bpf/search.bpf.h. */
#pragma once

#include "bpf/event.h"
#include "bpf/kernel.h"
#include "bpf/search.bpf.h"

#define L3_MAX_BYTES 40
#define L4_BYTES     16
#define L4_BYTES_MIN 8	/* ports, or type, id and sequence number of an echo */
#define L4_BYTES_TCP 14 /* up to the flags */

struct packet {
	const unsigned char *head; /* skb->head */
	const unsigned char *l3;   /* kernel address of the IP header; NULL: none was found */
	__u16 proto_be;		   /* skb->protocol */
	__u8 family;		   /* 4 or 6; 0: no IP header */
	__u8 l4;		   /* IPPROTO_*; of IPv6, the one behind the extension headers */
	__u8 has_l4;		   /* l4_off_bytes is the start of an L4 header, which can be read */
	__u8 unreadable;	   /* a header that there is cannot be read: it is not in the linear part */
	__u16 l4_off_bytes;
	__u16 frag_off; /* fragment offset in units of 8 bytes; 0: the first fragment, or none */
	/* Set if st_cfg.has_other_rule is: the packet is recorded whatever the filters say, because another rule wants
	 * it (--filter-track-skb, for example). It is volatile so that the compiler branches on it instead of computing
	 * with it: then the verifier removes the branch where the member is never set. */
	volatile __u8 by_other_rule;
	__s32 linear_bytes; /* from l3 to the end of the linear part; without l3, from head */
	union {		    /* the first bytes of the IP header */
		__u8 b[L3_MAX_BYTES];
		__u32 w_be[L3_MAX_BYTES / 4];
		__u64 words[L3_MAX_BYTES / 8];
	};
	struct { /* the first bytes of the L4 header */
		__u8 b[L4_BYTES];
	} __attribute__((aligned(8))) l4h;
};

/* Sets head, linear_bytes, and l3 to where skb->network_header says the IP header is; NULL if it is not set. */
static __always_inline void headers_set(struct packet *p, const unsigned char *head, __u64 network, __u32 tail)
{
	p->head = head;
	p->l3 = network ? head + network : 0;
	p->linear_bytes = tail - network;
	p->unreadable = 0;
}

#define HEADERS_BYTES 32 /* skb->protocol starts at most this far before skb->head; 20 in the kernels so far */

/* Sets proto_be and what headers_set() sets from four members of the skb. If these members are near each other, as in
 * every kernel so far, one read gets all of them: a call of the helper is a quarter of the cost of a packet that nobody
 * asked for. CO-RE makes the test of the distances a constant. The bytes are read into p->words, because the stack has
 * no space left. */
static __always_inline int headers_read(struct packet *p, const struct sk_buff *skb)
{
	__u64 head = bpf_core_field_offset(skb->head);
	__u64 protocol = HEADERS_BYTES + bpf_core_field_offset(skb->protocol) - head;
	__u64 network = HEADERS_BYTES + bpf_core_field_offset(skb->network_header) - head;
	__u64 tail = HEADERS_BYTES + bpf_core_field_offset(skb->tail) - head;

	_Static_assert(sizeof(p->words) == HEADERS_BYTES + 8, "up to the end of skb->head");
	if (protocol >= HEADERS_BYTES || network >= HEADERS_BYTES || tail >= HEADERS_BYTES) {
		p->proto_be = BPF_CORE_READ(skb, protocol);
		headers_set(p, BPF_CORE_READ(skb, head), BPF_CORE_READ(skb, network_header), BPF_CORE_READ(skb, tail));
		return 0;
	}
	if (bpf_probe_read_kernel(p->words, sizeof(p->words), (const char *)skb + head - HEADERS_BYTES))
		return -1;
	p->proto_be = *(__u16 *)((char *)p->words + protocol);
	headers_set(p, (const unsigned char *)p->words[HEADERS_BYTES / 8], *(__u16 *)((char *)p->words + network),
		    *(__u32 *)((char *)p->words + tail));
	return 0;
}

/* Reads an IP header that is known to be at `at`, with linear_bytes readable bytes from there on. */
static __always_inline int read_ip(struct packet *p, const unsigned char *at, __s32 linear_bytes)
{
	if (linear_bytes < IPV4_HLEN || bpf_probe_read_kernel(p->b, L3_MAX_BYTES, at))
		return 0;
	if (is_v4(p->b[0]))
		p->family = 4;
	else if (is_v6(p->b[0]) && linear_bytes >= IPV6_HLEN)
		p->family = 6;
	else
		return 0;
	p->l3 = at;
	p->linear_bytes = linear_bytes;
	return 1;
}

/* Reads the IP header behind an Ethernet header at `at`, which may have two VLAN tags. */
static __always_inline int read_eth_ip(struct packet *p, const unsigned char *at, __s32 linear_bytes)
{
	__u16 type_be = 0;

#pragma unroll
	for (int tags = 0; tags <= 2; tags++) {
		if (linear_bytes < ETH_HLEN || bpf_probe_read_kernel(&type_be, sizeof(type_be), at + 12))
			return 0;
		if (!is_tag(type_be))
			break;
		at += VLAN_HLEN;
		linear_bytes -= VLAN_HLEN;
	}
	return is_ip(type_be) && read_ip(p, at + ETH_HLEN, linear_bytes - ETH_HLEN);
}

/* Finds the IP header. headers_read() must have run before. */
static __always_inline void packet_find_at(struct packet *p, const struct sk_buff *skb)
{
	__u32 network = p->l3 ? p->l3 - p->head : 0, tail = p->linear_bytes + network;
	int found;

	p->l3 = 0;
	p->family = 0;
	p->has_l4 = 0;
	p->frag_off = 0;
	if (!may_be_ip(p->proto_be))
		return;
	/* p->words holds what is read, because the stack has no space left */
	if (bpf_probe_read_kernel(&p->words[0], sizeof(skb->data), __builtin_preserve_access_index(&skb->data)) ||
	    bpf_probe_read_kernel(&p->w_be[2], sizeof(skb->len), __builtin_preserve_access_index(&skb->len)) ||
	    bpf_probe_read_kernel(&p->b[12], sizeof(skb->mac_header),
				  __builtin_preserve_access_index(&skb->mac_header)))
		return;
	found = packet_search((__u64)p->head, p->words[0], SEARCH_OFFSETS(network, *(__u16 *)&p->b[12], p->proto_be),
			      SEARCH_BYTES(tail, p->w_be[2]));
	if (found == SEARCH_UNREADABLE)
		p->unreadable = 1;
	else if (found)
		read_ip(p, p->head + found, tail - found);
}

#define ARP_BYTES  28
#define ARP_SENDER 14
#define ARP_TARGET 24
/* RFC 826: Ethernet, IPv4, their lengths, and the upper byte of the operation; as a little-endian number. */
#define ARP_BEGINS 0x00040600080100ull

/* Where the ARP packet is, if there is one for IPv4 on Ethernet: its offset from head, and the operation above bit 32;
 * 0: there is none. arp_create() gives the skb its length and protocol first, then the Ethernet header in front of it,
 * and the ARP packet last (net/ipv4/arp.c). Until there is an Ethernet header the memory may hold an earlier packet.
 * The function is global, so that the verifier checks it once. */
__attribute__((noinline)) __u64 packet_find_arp(__u64 address)
{
	const struct sk_buff *skb = (const void *)address;
	__u64 network = BPF_CORE_READ(skb, network_header), first = 0;
	const unsigned char *at = BPF_CORE_READ(skb, head) + network;

	if (!network || network + ARP_BYTES > BPF_CORE_READ(skb, tail) ||
	    (BPF_CORE_READ(skb, mac_header) == MAC_UNSET && (const void *)BPF_CORE_READ(skb, data) == at))
		return 0;
	bpf_probe_read_kernel(&first, sizeof(first), at);
	if ((first & 0xffffffffffffffull) != ARP_BEGINS || !(first >> 56))
		return 0;
	return network | first >> 56 << 32;
}

static __always_inline int packet_find(struct packet *p, const struct sk_buff *skb)
{
	if (headers_read(p, skb))
		return -1;
	packet_find_at(p, skb);
	return 0;
}

static __always_inline int l4_has_ports(__u8 l4)
{
	return l4 == 6 || l4 == 17 || l4 == 132 || l4 == 33 || l4 == 136; /* TCP, UDP, SCTP, DCCP, UDP-Lite */
}

/* The length of the packet from its IP header on, by that header. */
static __always_inline __s32 ip_bytes(const struct packet *p)
{
	return p->family == 4 ? bpf_ntohs(*(const __u16 *)(p->b + 2))
			      : bpf_ntohs(*(const __u16 *)(p->b + 4)) + IPV6_HLEN;
}

/* Clears has_l4 if the first bytes of the L4 header do not lie in the linear part. If the packet has no L4 header
 * by its own length, nothing is unreadable: computed without a branch, because the verifier would check all that
 * follows once for each. */
static __always_inline void packet_check_l4(struct packet *p)
{
	__u32 is_tcp = (__u32)((p->l4 ^ 6) - 1) >> 31; /* 1 or 0 */
	__s32 end = p->l4_off_bytes + L4_BYTES_MIN + is_tcp * (L4_BYTES_TCP - L4_BYTES_MIN);

	if (__builtin_expect(!p->has_l4 || end <= p->linear_bytes, 1))
		return;
	p->has_l4 = 0;
	p->unreadable = ~(__u32)(ip_bytes(p) - end) >> 31;
}

static __always_inline int is_extension(__u8 next)
{
	/* hop-by-hop 0, routing 43, fragment 44, destination options 60: RFC 8200 */
	return next == 0 || next == 43 || next == 44 || next == 60;
}

/* What packet_extensions() returns: the number of the header that it came to in bits 0 to 7, its offset from the IP
 * header in 8 to 23, the fragment offset in 24 to 39, and these. */
#define EXTENSIONS_HAS_L4     (1ull << 40)
#define EXTENSIONS_UNREADABLE (1ull << 41)

/* Walks up to four extension headers of the IPv6 header at l3, of which `next` is the first. The function is global, so
 * that the verifier checks it once. */
__attribute__((noinline)) __u64 packet_extensions(__u64 l3, __u32 next, __s32 linear_bytes)
{
	__u64 flags = EXTENSIONS_HAS_L4, frag_off = 0;
	__u32 off = IPV6_HLEN;
	__u8 ext[8];

#pragma unroll
	for (int i = 0; i < 4; i++) {
		if (!is_extension(next) || !flags)
			break;
		if ((__s32)(off + sizeof(ext)) > linear_bytes ||
		    bpf_probe_read_kernel(ext, sizeof(ext), (const void *)(l3 + off))) {
			flags = EXTENSIONS_UNREADABLE;
			break;
		}
		if (next == 44) {
			frag_off = ext[2] << 5 | ext[3] >> 3;
			/* only the first fragment has an L4 header */
			flags = frag_off ? 0 : EXTENSIONS_HAS_L4;
			off += 8;
		} else {
			off += 8 + ext[1] * 8;
		}
		next = ext[0];
	}
	return flags | frag_off << 24 | (__u64)off << 8 | next;
}

/* Finds the L4 protocol and the L4 header. */
static __always_inline void packet_find_l4(struct packet *p)
{
	__u64 found;

	if (p->family == 4) {
		p->l4 = p->b[9];
		p->l4_off_bytes = (p->b[0] & 0x0f) * 4;
		p->frag_off = bpf_ntohl(p->w_be[1]) & 0x1fff;
		p->has_l4 = !p->frag_off;
	} else if (!is_extension(p->b[6])) {
		p->l4 = p->b[6];
		p->l4_off_bytes = IPV6_HLEN;
		p->has_l4 = 1;
	} else {
		found = packet_extensions((__u64)p->l3, p->b[6], p->linear_bytes);
		p->l4 = found;
		p->l4_off_bytes = found >> 8;
		p->frag_off = found >> 24;
		p->has_l4 = found >> 40 & 1;
		p->unreadable = found >> 41 & 1;
	}
	packet_check_l4(p);
}

/* Reads the first bytes of the L4 header. */
static __always_inline void packet_read_l4(struct packet *p)
{
	packet_find_l4(p);
	if (!p->has_l4)
		return;
	/* True for nearly every packet. The hint says the opposite, so that the verifier checks the other branch first:
	 * the states of that branch contain the states of this one. */
	if (__builtin_expect(p->family == 4 && p->l4_off_bytes == IPV4_HLEN, 0))
		__builtin_memcpy(&p->l4h, p->b + IPV4_HLEN, sizeof(p->l4h));
	else if (bpf_probe_read_kernel(&p->l4h, sizeof(p->l4h), p->l3 + p->l4_off_bytes))
		p->has_l4 = 0;
}

static __always_inline __u16 l4_u16(const struct packet *p, int off)
{
	return *(const __u16 *)(p->l4h.b + off);
}

/* Reads two members of four bytes each with one read. Returns -1 if the members are too far apart in this kernel, or if
 * the read fails. CO-RE makes the test of the distance a constant. */
#define NEAR_BYTES 64

static __always_inline int read_near(const void *base, __u32 off_a, __u32 off_b, __u32 *ret_a, __u32 *ret_b)
{
	__u32 from = off_a < off_b ? off_a : off_b, span = (off_a < off_b ? off_b : off_a) - from + 4;
	__u64 buf[NEAR_BYTES / 8];

	if (span > NEAR_BYTES || (span & 3) || bpf_probe_read_kernel(buf, span, (const char *)base + from))
		return -1;
	*ret_a = *(__u32 *)((char *)buf + (off_a - from));
	*ret_b = *(__u32 *)((char *)buf + (off_b - from));
	return 0;
}

/* The members of an sk_buff that every event shows. */
struct skb_info {
	const struct net_device *dev;
	__u32 len_bytes;
	__u32 mark; /* 0 unless asked for */
};

/* Reads the members from dev, over len, to mark with one read, if they are near each other and fit into the buffer, as
 * in every kernel so far. The buffer of capacity_bytes bytes at buf is overwritten. CO-RE makes the test of the
 * distances a constant. */
static __always_inline void skb_read(const struct sk_buff *skb, int with_mark, void *buf, __u32 capacity_bytes,
				     struct skb_info *ret)
{
	__u32 from = bpf_core_field_offset(skb->dev), len = bpf_core_field_offset(skb->len) - from,
	      mark = bpf_core_field_offset(skb->mark) - from, span = (with_mark ? mark : len) + 4;

	ret->mark = 0;
	if (len <= capacity_bytes - 4 && mark <= capacity_bytes - 4 && len <= mark && !(len & 3) && !(mark & 3)) {
		bpf_probe_read_kernel(buf, span, &((const char *)skb)[from]); /* a failed read leaves zeros */
		ret->dev = *(const struct net_device **)buf;
		ret->len_bytes = *(__u32 *)((char *)buf + len);
		if (with_mark)
			ret->mark = *(__u32 *)((char *)buf + mark);
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

/* Reads a device. In struct sk_buff, dev shares a union with other members. So dev counts as a device only if the inode
 * number of its namespace looks like one: returns whether it does. */
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
