/* SPDX-License-Identifier: GPL-2.0-only */
/* The packet inside a tunnel: ST_PART_TUNNEL. */
#pragma once

#include "bpf/packet.bpf.h"
#include "bpf/part.bpf.h"

#define ETH_P_TEB	 0x6558
#define PORT_VXLAN	 4789 /* IANA */
#define PORT_VXLAN_LINUX 8472 /* drivers/net/vxlan's default */
#define PORT_GENEVE	 6081

static __always_inline void fill_inner(struct st_inner *in, const struct packet *p)
{
	if (p->family == 4) {
		in->valid = ST_VALID_IP4 | ST_VALID_L4;
		__builtin_memcpy(in->addrs, &p->w_be[3], 8);
	} else {
		in->valid = ST_VALID_IP6 | ST_VALID_L4;
		__builtin_memcpy(in->addrs, &p->w_be[2], 32);
	}
	in->l4 = p->l4;
	if (!p->has_l4)
		return;
	if (l4_has_ports(p->l4)) {
		in->valid |= ST_VALID_PORTS;
		in->sport_be = l4_u16(p, 0);
		in->dport_be = l4_u16(p, 2);
		if (p->l4 == 6) {
			in->valid |= ST_VALID_TCP;
			in->tcp_flags = p->l4h.b[13];
		}
	} else if (p->l4 == 1 || p->l4 == 58) {
		in->valid |= ST_VALID_ICMP;
		in->icmp_type = p->l4h.b[0];
		in->icmp_code = p->l4h.b[1];
		if ((p->l4 == 1 && (in->icmp_type == 0 || in->icmp_type == 8)) ||
		    (p->l4 == 58 && (in->icmp_type == 128 || in->icmp_type == 129))) {
			in->valid |= ST_VALID_ICMP_ID;
			in->sport_be = l4_u16(p, 4);
			in->dport_be = l4_u16(p, 6);
		}
	}
}

/* Where the header of a tunnel ends; *ret_eth says whether an Ethernet frame follows, or IP. NULL: no known tunnel.
 * VXLAN: RFC 7348; Geneve: RFC 8926; GRE: RFC 2784, 2890. */
static __always_inline const unsigned char *inner_start(const struct packet *p, struct st_inner *in, int *ret_eth)
{
	const unsigned char *l4 = p->l3 + p->l4_off_bytes;
	__u16 dport = bpf_ntohs(l4_u16(p, 2));
	__u32 off, w_be;

	*ret_eth = 0;
	if (p->l4 == 4 || p->l4 == 41) {
		in->kind = ST_TUNNEL_IPIP;
		return l4;
	}
	if (p->l4 == 47) {
		in->kind = ST_TUNNEL_GRE;
		off = 4 + (p->l4h.b[0] & 0x80 ? 4 : 0);
		if (p->l4h.b[0] & 0x20) {
			in->has_vni = !bpf_probe_read_kernel(&w_be, 4, l4 + off);
			in->vni = bpf_ntohl(w_be);
			off += 4;
		}
		if (p->l4h.b[0] & 0x10)
			off += 4;
		*ret_eth = l4_u16(p, 2) == bpf_htons(ETH_P_TEB);
		return l4 + off;
	}
	if (p->l4 != 17 || p->l4_off_bytes + L4_BYTES > p->linear_bytes)
		return 0;
	if (dport == PORT_VXLAN || dport == PORT_VXLAN_LINUX) {
		in->kind = ST_TUNNEL_VXLAN;
		off = 16;
		*ret_eth = 1;
	} else if (dport == PORT_GENEVE) {
		in->kind = ST_TUNNEL_GENEVE;
		off = 16 + (p->l4h.b[8] & 0x3f) * 4;
		*ret_eth = l4_u16(p, 10) == bpf_htons(ETH_P_TEB);
	} else {
		return 0;
	}
	in->has_vni = 1;
	in->vni = p->l4h.b[12] << 16 | p->l4h.b[13] << 8 | p->l4h.b[14];
	return l4 + off;
}

static __always_inline void part_tunnel(const struct packet *p, char *rec)
{
	struct st_part *head;
	struct st_inner *in = part_open(rec, ST_PART_TUNNEL, &head); /* not on the stack, which is full */
	struct packet inner = {};
	const unsigned char *start;
	__s32 linear_bytes;
	int eth;

	if (!p->family || !p->has_l4)
		return;
	__builtin_memset(in, 0, sizeof(*in));
	start = inner_start(p, in, &eth);
	if (!start)
		return;
	linear_bytes = p->linear_bytes - (start - p->l3);
	if (!(eth ? read_eth_ip(&inner, start, linear_bytes) : read_ip(&inner, start, linear_bytes)))
		return;
	packet_read_l4(&inner);
	fill_inner(in, &inner);
	head->len_bytes = sizeof(*in);
}
