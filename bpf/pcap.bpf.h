/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user's pcap-filter expression. User space writes the compiled filter over the body of the functions below, in the
 * bytes of the object file, before libbpf opens it. So each function is as long as the longest filter. They are global,
 * so that the verifier checks each once and not at every call. Without an expression the calls are dead code.
 */
#pragma once

#include "bpf/packet.bpf.h"

const volatile __u8 st_pcap = 0; /* there is an expression */

struct sk_buff___bounds {
	unsigned int len, data_len;
	unsigned char *data;
} __attribute__((preserve_access_index));

/* Space for 4096 instructions; user space cuts off what the filter does not need. The jump lets the unchanged object
 * load: the verifier refuses unreachable code, but removes code behind a branch that is never taken. The arguments are
 * scalars: the start address, the bytes that can be read there, and the length of the packet. */
#define PCAP_CAPACITY(name)                                                                                            \
	__attribute__((noinline)) int name(__u64 start, __u64 cap_bytes, __u64 len_bytes)                              \
	{                                                                                                              \
		int match;                                                                                             \
                                                                                                                       \
		asm volatile("%0 = 0; if %0 == 0 goto +4092; .rept 4092; %0 = %0; .endr"                               \
			     : "=r"(match)                                                                             \
			     : "r"(start), "r"(cap_bytes), "r"(len_bytes));                                            \
		return match;                                                                                          \
	}

PCAP_CAPACITY(st_pcap_l2)
PCAP_CAPACITY(st_pcap_l3)

#define ETH_SPAN_MAX (ETH_HLEN + 2 * VLAN_HLEN)

/* Whether the network header follows l2 at the distance of an Ethernet header with at most two tags. */
static __always_inline int spans_eth(const unsigned char *l2, const unsigned char *l3)
{
	return l3 - l2 >= ETH_HLEN && l3 - l2 <= ETH_SPAN_MAX;
}

/*
 * Where the packet starts for a filter. It starts at its Ethernet header, if mac_header says where that is, or if the
 * header was pushed while mac_header is not yet set (from neigh_hh_output() to __dev_queue_xmit()). mac_header may
 * belong to another layer (IPIP, VXLAN), so it must be in front of the network header. Otherwise the packet starts at
 * its network header. NULL: the skb has neither header and is not a packet yet.
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
	/* The bytes in fragments are not read. A packet may start before skb->data or behind it. */
	len_bytes = BPF_CORE_READ(b, len) + (data - start);
	cap_bytes = len_bytes - BPF_CORE_READ(b, data_len);
	if ((__s64)cap_bytes < 0)
		return 0;
	return eth ? st_pcap_l2((__u64)start, cap_bytes, len_bytes) : st_pcap_l3((__u64)start, cap_bytes, len_bytes);
}
