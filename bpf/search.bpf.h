/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: finding the IP header of an skb at an arbitrary point of its life.
 *
 * Most functions run while skb->network_header points at the IP header. In a receiving driver it is not yet set: it is
 * 0, as allocated. At early receive points it still holds the sender's value, which across a veth names the same
 * header. While a VLAN tag is in the frame, it may point at the tag. So packet_search() tries several locations.
 *
 * A header is read only if it lies in the linear part of the skb, which ends at skb->tail: what follows the tail in
 * memory is what an earlier packet left there. The rest of a packet lies in pages, whose addresses a BPF program cannot
 * compute. A header there is not read until a function has pulled it into the linear part; the packet is then
 * `unreadable`, which is counted.
 *
 * A version's four bits prove nothing: a VLAN tag begins with them as well. Where no other field says that an IP header
 * begins at a location, the header must prove it itself: IPv4 by its lengths and its checksum, IPv6 by the length of
 * the packet, to the byte. A header that skb->protocol and network_header agree on needs no proof: a packet
 * with a wrong checksum is shown as well.
 *
 * All reads go through bpf_probe_read_kernel(), so a wrong guess reads garbage or fails, and never faults.
 */
#pragma once

#include "bpf/kernel.h"

#define MAC_UNSET  0xffff /* skb_mac_header_was_set(), include/linux/skbuff.h */
#define ETH_HLEN   14
#define VLAN_HLEN  4
#define IPV4_HLEN  20 /* without options */
#define IPV6_HLEN  40
#define ETH_PADDED 46 /* the payload of the shortest frame, which may be longer than the packet in it */
#define TAGS_MAX   2  /* that are stepped over; of the usual 802.1ad */

#define ETH_P_8021Q  0x8100
#define ETH_P_8021AD 0x88a8

static __always_inline int is_tag(__u16 type_be)
{
	return type_be == bpf_htons(ETH_P_8021Q) || type_be == bpf_htons(ETH_P_8021AD);
}

static __always_inline int is_ip(__u16 type_be)
{
	return type_be == bpf_htons(ETH_P_IP) || type_be == bpf_htons(ETH_P_IPV6);
}

/* Whether skb->protocol names IP, or a VLAN tag, which may precede IP, or is not set yet. */
static __always_inline int may_be_ip(__u16 proto_be)
{
	return proto_be == 0 || is_ip(proto_be) || is_tag(proto_be);
}

/* first: the first byte of a header. Its version, and the length of the header in words: at least 5. */
static __always_inline int is_v4(__u64 first)
{
	return first - 0x45 <= 0x0a;
}

static __always_inline int is_v6(__u64 first)
{
	return (first & 0xf0) == 0x60;
}

/* word: the first four bytes at the location of a header of this type. In a VLAN tag, the last two are the type itself:
 * skb_vlan_untag() sets skb->protocol while network_header is still at the tag. In an IP header it happens, too. */
static __always_inline int may_be_tag(__u32 word, __u16 type_be)
{
	return type_be && word >> 16 == type_be;
}

#define SEARCH_UNREADABLE (-1)

/* The locations at which a header may begin, in the order in which they are tried. */
enum search_at {
	SEARCH_NETWORK,	   /* network_header, of the type that skb->protocol names */
	SEARCH_MAC,	   /* behind the Ethernet header at mac_header */
	SEARCH_TAG,	   /* network_header, a VLAN tag */
	SEARCH_ANY,	   /* network_header, although skb->protocol is that of a tag */
	SEARCH_DATA,	   /* skb->data, of the type that skb->protocol names */
	SEARCH_DATA_FRAME, /* behind the Ethernet header at skb->data */
	SEARCH_LOCATIONS,
};

struct search {
	__u64 head, data;
	__u64 offsets, bytes; /* SEARCH_OFFSETS(), SEARCH_BYTES() */
	__u32 *w_be;	      /* the first bytes of the header */
};

/* The arguments of packet_search(), which must be numbers to the verifier, and not more than five. They are also kept
 * in this form: what they mean is computed each time it is needed, because the stack has no space left. */
#define SEARCH_OFFSETS(network, mac, proto_be) ((network) | (__u64)(mac) << 16 | (__u64)(proto_be) << 32)
#define SEARCH_BYTES(tail, len_bytes)	       ((__u64)(__u32)(tail) | (__u64)(len_bytes) << 32)

static __always_inline __u16 search_network(const struct search *s)
{
	return s->offsets;
}

static __always_inline __u16 search_mac(const struct search *s)
{
	return s->offsets >> 16;
}

static __always_inline __u16 search_proto_be(const struct search *s)
{
	return s->offsets >> 32;
}

/* The bytes between these two addresses cannot be read. */
static __always_inline __u64 search_linear_end(const struct search *s)
{
	return s->head + (__u32)s->bytes;
}

static __always_inline __u64 search_packet_end(const struct search *s)
{
	return s->data + (s->bytes >> 32);
}

static __always_inline __u16 search_u16_be(const struct search *s, __u64 at)
{
	__u16 v_be = 0;

	if (at + sizeof(v_be) <= search_linear_end(s))
		bpf_probe_read_kernel(&v_be, sizeof(v_be), (const void *)at);
	return v_be;
}

/* Whether the header that was read from `at` is one by its lengths and, IPv4, by its checksum: RFC 791, RFC 8200. */
static __always_inline int search_is_proven(const struct search *s, __u64 at, int is_ipv4)
{
	__u32 words = s->w_be[0] & 0x0f, word_be;
	__u64 bytes, sum = 0;

	if (!is_ipv4) {
		__s64 rest = search_packet_end(s) - at - IPV6_HLEN;
		__u8 next = s->w_be[1] >> 16, hops = s->w_be[1] >> 24;

		bytes = bpf_ntohs(s->w_be[1]);
		/* a jumbogram's length is in an option of hop-by-hop 0, and that of BIG TCP nowhere */
		if (!bytes)
			return hops && (next == 0 || next == 6 || rest == 0);
		return hops && (rest == (__s64)bytes || (rest > (__s64)bytes && rest <= ETH_PADDED - IPV6_HLEN));
	}
	bytes = bpf_ntohs(s->w_be[0] >> 16);
	if (bytes < words * 4 || at + bytes > search_packet_end(s) || at + words * 4 > search_linear_end(s))
		return 0;
#pragma unroll
	for (__u32 i = 0; i < IPV4_HLEN / 4; i++)
		sum += s->w_be[i];
#pragma unroll
	for (__u32 i = IPV4_HLEN / 4; i < 15; i++) /* options; if a read fails, the sum is wrong */
		if (i < words && !bpf_probe_read_kernel(&word_be, sizeof(word_be), (const void *)(at + i * 4)))
			sum += word_be;
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

struct search_place {
	__u64 at;
	__u16 type_be;	  /* of what may be there; 0: IP of either version */
	__u8 needs_proof; /* no field says that it is there */
};

/* Whether there is such a location. It may lie beyond the linear part. */
static __always_inline int search_place(const struct search *s, enum search_at where, struct search_place *ret)
{
	__u16 network = search_network(s), proto_be = search_proto_be(s);

	*ret = (struct search_place){.at = s->head + network, .type_be = proto_be, .needs_proof = 1};
	switch (where) {
	case SEARCH_NETWORK:
		ret->needs_proof = !proto_be && ret->at != s->data; /* the sender's header begins at data */
		return network && !is_tag(proto_be);
	case SEARCH_MAC:
		if (search_mac(s) == MAC_UNSET)
			return 0;
		ret->at = s->head + search_mac(s) + ETH_HLEN;
		ret->type_be = search_u16_be(s, ret->at - 2);
		ret->needs_proof = !proto_be;
		return ret->type_be == proto_be || !is_ip(proto_be) || is_tag(ret->type_be);
	case SEARCH_TAG:
		ret->type_be = bpf_htons(ETH_P_8021Q);
		return network != 0;
	case SEARCH_ANY:
		ret->type_be = 0;
		return network && is_tag(proto_be);
	case SEARCH_DATA:
		ret->at = s->data;
		return is_ip(proto_be);
	default:
		ret->at = s->data + ETH_HLEN;
		ret->type_be = search_u16_be(s, ret->at - 2);
		return 1;
	}
}

/* Steps over VLAN tags. Returns whether IP may follow. */
static __always_inline int search_untag(const struct search *s, struct search_place *p)
{
#pragma unroll
	for (int i = 0; i < TAGS_MAX; i++) {
		if (!is_tag(p->type_be))
			break;
		p->at += VLAN_HLEN;
		p->type_be = search_u16_be(s, p->at - 2);
		if (!p->type_be)
			return 0;
	}
	return !p->type_be || is_ip(p->type_be);
}

/* Where the IP header is: its offset from head, always more than 0; 0: none was found; SEARCH_UNREADABLE: it does not
 * lie in the linear part. The arguments are those of the skb, network 0 if it is not set. The function is global, so
 * that the verifier checks it once. */
__attribute__((noinline)) int packet_search(__u64 head, __u64 data, __u64 offsets, __u64 bytes)
{
	__u32 w_be[IPV4_HLEN / 4];
	struct search s = {.head = head, .data = data, .offsets = offsets, .bytes = bytes, .w_be = w_be};
	int result = 0;

#pragma unroll
	for (int where = 0; where < SEARCH_LOCATIONS; where++) {
		struct search_place p;
		int is_ipv4, header_bytes;

		barrier_var(s.offsets); /* else clang keeps what it computed */
		barrier_var(s.bytes);
		if (!search_place(&s, where, &p) || !search_untag(&s, &p))
			continue;
		header_bytes = p.type_be == bpf_htons(ETH_P_IPV6) ? IPV6_HLEN : IPV4_HLEN;
		if (p.at + header_bytes > search_linear_end(&s)) {
			if (!p.needs_proof && p.type_be && p.at + header_bytes <= search_packet_end(&s))
				result = SEARCH_UNREADABLE;
			continue;
		}
		if (bpf_probe_read_kernel(w_be, sizeof(w_be), (const void *)p.at))
			continue;
		is_ipv4 = is_v4(w_be[0] & 0xff);
		if (is_ipv4 ? p.type_be == bpf_htons(ETH_P_IPV6)
			    : !is_v6(w_be[0] & 0xff) || p.type_be == bpf_htons(ETH_P_IP))
			continue;
		p.needs_proof |= where == SEARCH_NETWORK && may_be_tag(w_be[0], p.type_be);
		if (!p.needs_proof || search_is_proven(&s, p.at, is_ipv4))
			return p.at - head;
	}
	return result;
}
