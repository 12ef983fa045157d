/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user's pcap-filter expressions for the packet inside a tunnel. The outer headers say where the inner packet
 * starts (VXLAN, Geneve, GRE, IP in IP). For other ports and kinds of tunnel, skb->inner_mac_header and
 * inner_network_header say it, which the kernel sets when it encapsulates. They keep their values when
 * skb->encapsulation is cleared (iptunnel_handle_offloads()), so they are used only if they lie behind the outer
 * header.
 */
#pragma once

#include "bpf/inner.bpf.h"
#include "bpf/link.bpf.h"
#include "bpf/pcap.bpf.h"

const volatile __u8 st_tunnel_l2 = 0; /* there is an expression for the inner Ethernet frame */
const volatile __u8 st_tunnel_l3 = 0; /* there is an expression for the inner IP packet */

PCAP_CAPACITY(st_tunnel_match_l2)
PCAP_CAPACITY(st_tunnel_match_l3)

struct sk_buff___inner {
	__u16 inner_mac_header, inner_network_header;
} __attribute__((preserve_access_index));

struct inner_at {
	const unsigned char *l2, *l3; /* NULL: there is none */
};

/* The IP header behind the Ethernet header at `at`. NULL: another protocol follows. */
static __always_inline const unsigned char *behind_eth(const unsigned char *at)
{
	__u16 type_be = 0;

	bpf_probe_read_kernel(&type_be, sizeof(type_be), at + 12);
	if (is_tag(type_be)) {
		at += VLAN_HLEN;
		bpf_probe_read_kernel(&type_be, sizeof(type_be), at + 12);
	}
	return type_be == bpf_htons(ETH_P_IP) || type_be == bpf_htons(ETH_P_IPV6) ? at + ETH_HLEN : 0;
}

static __always_inline void inner_find(const struct packet *p, const struct sk_buff *skb, struct inner_at *ret)
{
	const struct sk_buff___inner *s = (const void *)skb;
	const unsigned char *start = 0;
	struct st_inner in = {};
	__u16 mac, network;
	int eth = 0;

	ret->l2 = ret->l3 = 0;
	if (p->family && p->has_l4)
		start = inner_start(p, &in, &eth);
	if (start) {
		ret->l2 = eth ? start : 0;
		ret->l3 = eth ? behind_eth(start) : start;
		return;
	}
	mac = BPF_CORE_READ(s, inner_mac_header);
	network = BPF_CORE_READ(s, inner_network_header);
	if (!p->l3 || p->head + network < p->l3 + IPV4_HLEN)
		return;
	ret->l3 = p->head + network;
	if (network >= mac + ETH_HLEN && p->head + mac >= p->l3 + IPV4_HLEN)
		ret->l2 = p->head + mac;
}

static __always_inline int match_tunnel(const struct packet *p, const struct sk_buff *skb)
{
	const struct sk_buff___bounds *b = (const void *)skb;
	const unsigned char *data;
	struct inner_at at;
	__u64 len_bytes, data_len;

	if (!st_tunnel_l2 && !st_tunnel_l3)
		return 1;
	inner_find(p, skb, &at);
	data = BPF_CORE_READ(b, data);
	data_len = BPF_CORE_READ(b, data_len);
	if (st_tunnel_l2) {
		len_bytes = BPF_CORE_READ(b, len) + (data - at.l2);
		if (!at.l2 || (__s64)(len_bytes - data_len) < 0 ||
		    !st_tunnel_match_l2((__u64)at.l2, len_bytes - data_len, len_bytes))
			return 0;
	}
	if (st_tunnel_l3) {
		len_bytes = BPF_CORE_READ(b, len) + (data - at.l3);
		if (!at.l3 || (__s64)(len_bytes - data_len) < 0 ||
		    !st_tunnel_match_l3((__u64)at.l3, len_bytes - data_len, len_bytes))
			return 0;
	}
	return 1;
}
