/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts that an sk_buff points at or holds: connection, route, control buffer, raw structures, values of
 * expressions. */
#pragma once

#include "bpf/expr.bpf.h"
#include "bpf/packet.bpf.h"
#include "bpf/part.bpf.h"

#define AF_INET_       2
#define AF_INET6_      10
#define NFCT_INFO      7ul /* NFCT_INFOMASK, include/linux/skbuff.h */
#define NFCT_UNTRACKED 7   /* IP_CT_UNTRACKED, include/uapi/linux/netfilter/nf_conntrack_common.h */
#define SKB_DST_NOREF  1ul /* include/linux/skbuff.h */

static __always_inline void part_cb(const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	void *at = part_open(rec, ST_PART_CB, &head);

	if (!bpf_probe_read_kernel(at, ST_CB_BYTES, __builtin_preserve_access_index(&skb->cb)))
		head->len_bytes = ST_CB_BYTES;
}

/* The structure as it is in memory; user space knows its members. */
static __always_inline void part_skb(const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	void *at = part_open(rec, ST_PART_SKB, &head);
	__u32 bytes = st_out.capacity[ST_PART_SKB];

	if (bytes <= ST_DUMP_MAX && !bpf_probe_read_kernel(at, bytes, skb))
		head->len_bytes = bytes;
}

static __always_inline void part_shinfo(const struct packet *p, const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	void *at = part_open(rec, ST_PART_SHINFO, &head);
	__u32 bytes = st_out.capacity[ST_PART_SHINFO];

	if (bytes <= ST_DUMP_MAX && !bpf_probe_read_kernel(at, bytes, p->head + BPF_CORE_READ(skb, end)))
		head->len_bytes = bytes;
}

/* The low bits of the pointer skb->_nfct say which part the packet has in the connection (enum ip_conntrack_info). */
static __always_inline void part_ct(const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	struct st_conntrack *ct = part_open(rec, ST_PART_CT, &head);
	unsigned long nfct = BPF_CORE_READ(skb, _nfct);
	const struct nf_conn *conn = (const void *)(nfct & ~NFCT_INFO);

	if (!conn && (nfct & NFCT_INFO) == NFCT_UNTRACKED) { /* a rule notrack; without a rule all bits are 0 */
		__builtin_memset(ct, 0, sizeof(*ct));
		ct->info = NFCT_UNTRACKED;
		head->len_bytes = sizeof(*ct);
	}
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

/* skb->_skb_refdst shares its place with tcp_tsorted_anchor, by which TCP sorts. So it counts as a route only if its
 * device looks like a device. */
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
		/* the IPv6 gateway of an IPv4 route begins at the same place */
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
