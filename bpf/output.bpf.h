/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a record carries beyond its fixed part (enum st_part_kind), when it is asked for.
 *
 * Theory of operation. Which parts, and where each stands, is read-only data, so what nobody asked for is dead code. A
 * record with parts is reserved in the ring and filled there: it is too large for the stack, and a buffer per CPU would
 * be overwritten by a packet that an interrupt brings. The reservation's size and every offset are constants to the
 * verifier, which is why a part has the same room in every record.
 */
#pragma once

#include "bpf/config.h"
#include "bpf/expr.bpf.h"
#include "bpf/packet.bpf.h"
#include "bpf/pcap.bpf.h"

const volatile struct st_output st_out = {};

/* netfilter.bpf.h */
static __always_inline void part_netfilter(__u64 *ctx, char *rec);
static __attribute__((noinline)) void part_iptables(__u64 *ctx, __u32 source, char *rec);

#define ETH_P_8021Q	 0x8100
#define ETH_P_8021AD	 0x88a8
#define ETH_P_TEB	 0x6558
#define AF_INET_	 2
#define AF_INET6_	 10
#define PORT_VXLAN	 4789 /* IANA */
#define PORT_VXLAN_LINUX 8472 /* drivers/net/vxlan's default */
#define PORT_GENEVE	 6081
#define NFCT_INFO	 7ul /* NFCT_INFOMASK, include/linux/skbuff.h */
#define SKB_DST_NOREF	 1ul /* include/linux/skbuff.h */

/* The room of a part in the record at rec. Sets the header; the part's filler says how much of it is in use. */
static __always_inline void *part_open(char *rec, enum st_part_kind kind, struct st_part **ret_head)
{
	struct st_part *head = (struct st_part *)(rec + st_out.at[kind]);

	head->kind = kind;
	head->len_bytes = 0;
	head->room_bytes = st_out.room[kind];
	head->pad = 0;
	*ret_head = head;
	return head + 1;
}

#include "bpf/caller.bpf.h"

static __always_inline int is_tag(__u16 type_be)
{
	return type_be == bpf_htons(ETH_P_8021Q) || type_be == bpf_htons(ETH_P_8021AD);
}

static __always_inline int has_accel_tag(const struct sk_buff *skb)
{
	const struct sk_buff___pre62 *old = (const void *)skb;

	if (bpf_core_field_exists(old->vlan_present))
		return BPF_CORE_READ_BITFIELD_PROBED(old, vlan_present);
	return BPF_CORE_READ(skb, vlan_proto) || BPF_CORE_READ(skb, vlan_tci);
}

static __always_inline void read_frame(struct st_link *l, const unsigned char *at)
{
	__u16 type_be;

	if (bpf_probe_read_kernel(l->mac_dst, 14, at))
		return;
	l->has_mac = 1;
	at += ETH_HLEN;
	type_be = l->type_be;
#pragma unroll
	for (int i = 0; i < 2; i++) {
		__u16 tag_be[2];

		if (!is_tag(type_be) || bpf_probe_read_kernel(tag_be, sizeof(tag_be), at))
			break;
		/* constant indices: the first may be the one beside the frame */
		if (l->n_tags == 0) {
			l->tag_proto_be[0] = type_be;
			l->tag_tci[0] = bpf_ntohs(tag_be[0]);
		} else if (l->n_tags == 1) {
			l->tag_proto_be[1] = type_be;
			l->tag_tci[1] = bpf_ntohs(tag_be[0]);
		} else {
			l->tag_proto_be[2] = type_be;
			l->tag_tci[2] = bpf_ntohs(tag_be[0]);
		}
		l->n_tags++;
		type_be = tag_be[1];
		at += VLAN_HLEN;
	}
	l->type_be = type_be;
}

static __always_inline void part_link(const struct packet *p, const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	void *at = part_open(rec, ST_PART_LINK, &head);
	const unsigned char *start;
	struct st_link l = {};
	int eth;

	if (has_accel_tag(skb)) {
		l.tag_proto_be[0] = BPF_CORE_READ(skb, vlan_proto);
		l.tag_tci[0] = BPF_CORE_READ(skb, vlan_tci);
		l.n_tags = l.accel = 1;
	}
	start = pcap_start(p, skb, BPF_CORE_READ(skb, data), &eth);
	if (start && eth)
		read_frame(&l, start);
	if (!l.has_mac && !l.n_tags)
		return;
	__builtin_memcpy(at, &l, sizeof(l));
	head->len_bytes = sizeof(l);
}

static __always_inline void part_cb(const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	void *at = part_open(rec, ST_PART_CB, &head);

	if (!bpf_probe_read_kernel(at, ST_CB_BYTES, __builtin_preserve_access_index(&skb->cb)))
		head->len_bytes = ST_CB_BYTES;
}

/* A structure as it is in memory; user space knows its members. */
static __always_inline void part_skb(const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	void *at = part_open(rec, ST_PART_SKB, &head);
	__u32 bytes = st_out.room[ST_PART_SKB];

	if (bytes <= ST_DUMP_MAX && !bpf_probe_read_kernel(at, bytes, skb))
		head->len_bytes = bytes;
}

static __always_inline void part_shinfo(const struct packet *p, const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	void *at = part_open(rec, ST_PART_SHINFO, &head);
	__u32 bytes = st_out.room[ST_PART_SHINFO];

	if (bytes <= ST_DUMP_MAX && !bpf_probe_read_kernel(at, bytes, p->head + BPF_CORE_READ(skb, end)))
		head->len_bytes = bytes;
}

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

/* Where the header of a tunnel ends, and what is behind: an Ethernet frame (*ret_eth) or IP. NULL: no tunnel that we
 * know. VXLAN: RFC 7348; Geneve: RFC 8926; GRE: RFC 2784, 2890. */
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
	if (p->l4 != 17)
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
	void *at = part_open(rec, ST_PART_TUNNEL, &head);
	struct st_inner in = {};
	struct packet inner = {};
	const unsigned char *start;
	int eth;

	if (!p->family || !p->has_l4)
		return;
	start = inner_start(p, &in, &eth);
	if (!start || !(eth ? read_eth_ip(&inner, start) : read_ip(&inner, start)))
		return;
	packet_read_l4(&inner);
	fill_inner(&in, &inner);
	__builtin_memcpy(at, &in, sizeof(in));
	head->len_bytes = sizeof(in);
}

/* skb->_nfct is a pointer with the packet's part in the connection in its low bits. */
static __always_inline void part_ct(const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	struct st_conntrack *ct = part_open(rec, ST_PART_CT, &head);
	unsigned long nfct = BPF_CORE_READ(skb, _nfct);
	const struct nf_conn *conn = (const void *)(nfct & ~NFCT_INFO);

	if (!conn || !bpf_core_type_exists(struct nf_conn))
		return;
	if (bpf_probe_read_kernel(&ct->orig, sizeof(ct->orig),
				  __builtin_preserve_access_index(&conn->tuplehash[0].tuple)) ||
	    bpf_probe_read_kernel(&ct->reply, sizeof(ct->reply),
				  __builtin_preserve_access_index(&conn->tuplehash[1].tuple)))
		return;
	ct->status = BPF_CORE_READ(conn, status);
	ct->mark = bpf_core_field_exists(conn->mark) ? BPF_CORE_READ(conn, mark) : 0;
	ct->zone = bpf_core_field_exists(conn->zone) ? BPF_CORE_READ(conn, zone.id) : 0;
	ct->info = nfct & NFCT_INFO;
	head->len_bytes = sizeof(*ct);
}

/* Shares its place with what TCP sorts by (tcp_tsorted_anchor), so it is believed only if its device looks like one. */
static __always_inline void part_route(const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	struct st_route *r = part_open(rec, ST_PART_ROUTE, &head);
	const struct dst_entry *dst = (const void *)(BPF_CORE_READ(skb, _skb_refdst) & ~SKB_DST_NOREF);
	const struct rt6_info *rt6 = (const void *)dst;
	const struct rtable *rt = (const void *)dst;
	struct net_device *dev;
	struct dev_info info;

	if (!dst)
		return;
	dev = BPF_CORE_READ(dst, dev);
	if (!dev_read(dev, 0, &info))
		return;
	r->netns = info.netns;
	r->ifindex = info.ifindex;
	bpf_probe_read_kernel(r->ifname, sizeof(r->ifname), __builtin_preserve_access_index(&dev->name));
	r->family = BPF_CORE_READ(dst, ops, family);
	r->error = BPF_CORE_READ(dst, error);
	r->type = 0;
	r->gateway_family = 0;
	r->pad = 0;
	if (r->family == AF_INET_) {
		r->type = BPF_CORE_READ(rt, rt_type);
		r->gateway_family = BPF_CORE_READ(rt, rt_gw_family);
		/* an IPv6 gateway of an IPv4 route begins at the same place */
		bpf_probe_read_kernel(r->gateway, 16, __builtin_preserve_access_index(&rt->rt_gw4));
	} else if (r->family == AF_INET6_) {
		r->type = BPF_CORE_READ(rt6, from, fib6_type);
		bpf_probe_read_kernel(r->gateway, 16, __builtin_preserve_access_index(&rt6->rt6i_gateway));
		if (*(__u64 *)r->gateway || *(__u64 *)(r->gateway + 8))
			r->gateway_family = AF_INET6_;
	} else {
		return;
	}
	head->len_bytes = sizeof(*r);
}

static __always_inline void part_values(const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	struct st_values *at = part_open(rec, ST_PART_VALUES, &head);

	read_values(skb, at);
	head->len_bytes = sizeof(*at);
}

/* All parts that were asked for. source is a constant: the contexts of kprobes and tracepoints differ. */
static __always_inline void fill_parts(void *ctx, const struct sk_buff *skb, const struct packet *p, __u32 source,
				       __u64 location, char *rec)
{
	if (st_out.at[ST_PART_CALLER])
		part_caller(ctx, source, location, rec);
	if (st_out.at[ST_PART_STACK])
		part_stack(ctx, source, rec);
	if (st_out.at[ST_PART_LINK])
		part_link(p, skb, rec);
	if (st_out.at[ST_PART_CB])
		part_cb(skb, rec);
	if (st_out.at[ST_PART_TUNNEL])
		part_tunnel(p, rec);
	if (st_out.at[ST_PART_CT])
		part_ct(skb, rec);
	if (st_out.at[ST_PART_ROUTE])
		part_route(skb, rec);
	if (st_out.at[ST_PART_VALUES])
		part_values(skb, rec);
	if (st_out.at[ST_PART_SKB])
		part_skb(skb, rec);
	if (st_out.at[ST_PART_SHINFO])
		part_shinfo(p, skb, rec);
	if (st_out.at[ST_PART_MAP]) {
		struct st_part *head;

		part_open(rec, ST_PART_MAP, &head);
	}
	if (st_out.at[ST_PART_NETFILTER]) {
		struct st_part *head;

		part_open(rec, ST_PART_NETFILTER, &head);
		if (source == ST_SRC_NETFILTER)
			part_netfilter(ctx, rec);
		else if (source == ST_SRC_IPTABLES || source == ST_SRC_IP6TABLES)
			part_iptables(ctx, source, rec);
	}
}

/* All are there, and empty. */
static __always_inline void open_parts(char *rec)
{
#pragma unroll
	for (int kind = 0; kind < ST_PART_MAX; kind++) {
		struct st_part *head;

		if (st_out.at[kind])
			part_open(rec, kind, &head);
	}
}

/* Those that need no packet. */
static __always_inline void fill_parts_alone(void *ctx, char *rec)
{
	open_parts(rec);
	if (st_out.at[ST_PART_CALLER])
		part_caller(ctx, ST_SRC_KPROBE, 0, rec);
	if (st_out.at[ST_PART_STACK])
		part_stack(ctx, ST_SRC_CALL, rec);
}

#include "bpf/netfilter.bpf.h"
