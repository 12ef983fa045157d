/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user's pcap-filter expression. User space writes the compiled filter over the functions below, in the object's
 * bytes before libbpf opens them (src/kern/splice.c); so each holds as many instructions as there is room for a filter,
 * and is global, so that the verifier looks at it once and not at each call. Where they are called is dead code unless
 * there is an expression.
 */
#pragma once

#include "bpf/packet.bpf.h"

const volatile __u8 st_pcap = 0; /* there is an expression */

struct sk_buff___bounds {
	unsigned int len, data_len;
	unsigned char *data;
} __attribute__((preserve_access_index));

/* Room for 4096 instructions; user space cuts what is not in use off. The jump is there for who loads the object as it is:
 * the verifier refuses code that nothing jumps to but removes what is never run. The addresses are scalars: start, bytes
 * there, bytes of the packet in all. */
#define PCAP_ROOM(name)                                                                                                \
	__attribute__((noinline)) int name(__u64 start, __u64 cap_bytes, __u64 len_bytes)                              \
	{                                                                                                              \
		int match;                                                                                             \
                                                                                                                       \
		asm volatile("%0 = 0; if %0 == 0 goto +4092; .rept 4092; %0 = %0; .endr"                               \
			     : "=r"(match)                                                                             \
			     : "r"(start), "r"(cap_bytes), "r"(len_bytes));                                            \
		return match;                                                                                          \
	}

PCAP_ROOM(st_pcap_l2)
PCAP_ROOM(st_pcap_l3)

#define ETH_SPAN_MAX (ETH_HLEN + 2 * VLAN_HLEN)

/* Is there an Ethernet header at l2, with at most two tags, before the network header? */
static __always_inline int spans_eth(const unsigned char *l2, const unsigned char *l3)
{
	return l3 - l2 >= ETH_HLEN && l3 - l2 <= ETH_SPAN_MAX;
}

/*
 * Where the packet starts, for a filter. From its Ethernet header, if mac_header says where that is, or if it was
 * pushed already and mac_header is still to be set (neigh_hh_output() to __dev_queue_xmit()); mac_header may be that of
 * another layer (IPIP, VXLAN), so it must be in front of the network header. Else from the network header on. What has
 * neither is not a packet yet, and NULL.
 */
static __always_inline const unsigned char *pcap_start(const struct packet *p, const struct sk_buff *skb,
						       const unsigned char *data, int *ret_eth)
{
	__u16 mac = BPF_CORE_READ(skb, mac_header), network = BPF_CORE_READ(skb, network_header);
	const unsigned char *l3 = p->l3;

	if (!l3 && network && network != MAC_UNSET)
		l3 = p->head + network;
	*ret_eth = 1;
	if (mac != MAC_UNSET && (!l3 || spans_eth(p->head + mac, l3)))
		return p->head + mac;
	if (l3 && data + ETH_HLEN == l3)
		return data;
	*ret_eth = 0;
	return l3;
}

static __always_inline int match_pcap(const struct packet *p, const struct sk_buff *skb)
{
	const struct sk_buff___bounds *b = (const void *)skb;
	const unsigned char *start, *data;
	__u64 len_bytes, cap_bytes;
	int eth;

	if (!st_pcap)
		return 1;
	data = BPF_CORE_READ(b, data);
	start = pcap_start(p, skb, data, &eth);
	if (!start)
		return 0;
	/* Fragments' bytes are not looked at. A packet may start in front of its data, or behind. */
	len_bytes = BPF_CORE_READ(b, len) + (data - start);
	cap_bytes = len_bytes - BPF_CORE_READ(b, data_len);
	if ((__s64)cap_bytes < 0)
		return 0;
	return eth ? st_pcap_l2((__u64)start, cap_bytes, len_bytes) : st_pcap_l3((__u64)start, cap_bytes, len_bytes);
}
