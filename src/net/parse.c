/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rtnetlink messages to tables. Every length is checked against what is left before it is believed: a message against
 * the datagram, a fixed header against its message, an attribute against its message or its nest. libmnl's own
 * iterators stop silently at the first malformed attribute; here that is an error, since a link without its peer would
 * be a wrong answer rather than none.
 */
#include "net/parse.h"

#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/read.h"

static_assert(NETNSA_NSID_NOT_ASSIGNED == -1, "linux/net_namespace.h"); /* NOLINT(misc-redundant-expression): meant */

/* Fills tb[0..max] with the attributes in data; types above max are unknown to us and skipped. */
static int parse_attrs(const void *data, size_t size, const struct nlattr **tb, unsigned max)
{
	const uint8_t *p = data;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	while (size > 0) {
		const struct nlattr *a = (const void *)p;
		size_t step;

		if (size < sizeof(*a) || a->nla_len < sizeof(*a) || a->nla_len > size)
			return -EBADMSG;
		if (mnl_attr_get_type(a) <= max)
			tb[mnl_attr_get_type(a)] = a;
		step = MNL_ALIGN(a->nla_len);
		if (step > size) /* the padding of the last attribute may be missing */
			step = size;
		p += step;
		size -= step;
	}
	return 0;
}

static int attr_u32(const struct nlattr *a, uint32_t *ret)
{
	if (mnl_attr_get_payload_len(a) != sizeof(*ret))
		return -EBADMSG;
	*ret = mnl_attr_get_u32(a);
	return 0;
}

static int attr_opt_u32(const struct nlattr *a, uint32_t *ret, bool *ret_has)
{
	*ret_has = a;
	return a ? attr_u32(a, ret) : 0;
}

/* Copies a string that may lack its NUL; dst is always terminated. */
static void attr_string(const struct nlattr *a, char *dst, size_t dst_size)
{
	size_t len = strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));

	if (len >= dst_size)
		len = dst_size - 1;
	memcpy(dst, mnl_attr_get_payload(a), len);
	dst[len] = '\0';
}

/* The struct has grown over time: its beginning is what all versions share. */
static int parse_stats(const struct nlattr *a, struct net_link *link)
{
	struct rd r = rd_init(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
	struct {
		uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	} s; /* struct rtnl_link_stats64 */

	static_assert(offsetof(struct rtnl_link_stats64, tx_bytes) == 24, "linux/if_link.h");
	if (!rd_copy(&r, &s, sizeof(s)))
		return -EBADMSG;
	link->has_stats = true;
	link->stats = (struct net_stats){
		.rx_packets = s.rx_packets, .tx_packets = s.tx_packets, .rx_bytes = s.rx_bytes, .tx_bytes = s.tx_bytes};
	return 0;
}

static int parse_linkinfo(const struct nlattr *nest, struct net_link *link)
{
	const struct nlattr *tb[IFLA_INFO_KIND + 1];
	int r = parse_attrs(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), tb, IFLA_INFO_KIND);

	if (r >= 0 && tb[IFLA_INFO_KIND])
		attr_string(tb[IFLA_INFO_KIND], link->kind, sizeof(link->kind));
	return r;
}

static int parse_link_numbers(const struct nlattr *const *tb, struct net_link *link)
{
	uint32_t nsid = 0;
	bool has_mtu;
	int r;

	r = attr_opt_u32(tb[IFLA_LINK], &link->iflink, &link->has_iflink);
	if (r >= 0)
		r = attr_opt_u32(tb[IFLA_LINK_NETNSID], &nsid, &link->has_link_netnsid);
	if (r >= 0)
		r = attr_opt_u32(tb[IFLA_MASTER], &link->master, &link->has_master);
	if (r >= 0)
		r = attr_opt_u32(tb[IFLA_MTU], &link->mtu, &has_mtu);
	link->link_netnsid = (int32_t)nsid;
	return r;
}

static int parse_link(const void *payload, size_t size, struct net_tables *t)
{
	const struct nlattr *tb[IFLA_LINK_NETNSID + 1];
	struct rd rd = rd_init(payload, size);
	struct net_link link = {0};
	struct ifinfomsg ifi;
	int r;

	if (!rd_copy(&rd, &ifi, sizeof(ifi)) || ifi.ifi_index <= 0)
		return -EBADMSG;
	r = parse_attrs(rd.p, rd.left, tb, IFLA_LINK_NETNSID);
	if (r < 0)
		return r;
	if (!tb[IFLA_IFNAME])
		return -EBADMSG;
	link.ifindex = (uint32_t)ifi.ifi_index;
	link.up = ifi.ifi_flags & IFF_UP;
	attr_string(tb[IFLA_IFNAME], link.ifname, sizeof(link.ifname));
	r = parse_link_numbers(tb, &link);
	if (r >= 0 && tb[IFLA_LINKINFO])
		r = parse_linkinfo(tb[IFLA_LINKINFO], &link);
	if (r >= 0 && tb[IFLA_STATS64])
		r = parse_stats(tb[IFLA_STATS64], &link);
	if (r < 0)
		return r;
	/* Other lengths are no Ethernet address (InfiniBand, tunnels). */
	if (tb[IFLA_ADDRESS] && mnl_attr_get_payload_len(tb[IFLA_ADDRESS]) == sizeof(link.mac)) {
		memcpy(link.mac, mnl_attr_get_payload(tb[IFLA_ADDRESS]), sizeof(link.mac));
		link.has_mac = true;
	}
	return net_tables_add_link(t, &link);
}

static int parse_addr(const void *payload, size_t size, struct net_tables *t)
{
	const struct nlattr *tb[IFA_LOCAL + 1], *a;
	struct rd rd = rd_init(payload, size);
	struct net_addr addr = {0};
	struct ifaddrmsg ifa;
	size_t len;
	int r;

	if (!rd_copy(&rd, &ifa, sizeof(ifa)))
		return -EBADMSG;
	if (ifa.ifa_family != AF_INET && ifa.ifa_family != AF_INET6)
		return 0;
	r = parse_attrs(rd.p, rd.left, tb, IFA_LOCAL);
	if (r < 0)
		return r;
	/* On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL is ours wherever it is given. */
	a = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	if (!a)
		return 0;
	len = ifa.ifa_family == AF_INET ? 4 : 16;
	if (mnl_attr_get_payload_len(a) != len || ifa.ifa_prefixlen > len * 8)
		return -EBADMSG;
	addr.ip.family = ifa.ifa_family == AF_INET ? 4 : 6;
	memcpy(addr.ip.bytes, mnl_attr_get_payload(a), len);
	addr.prefix_bits = ifa.ifa_prefixlen;
	addr.scope = ifa.ifa_scope;
	addr.ifindex = ifa.ifa_index;
	return net_tables_add_addr(t, &addr);
}

/* NLMSG_ERROR and the end of a dump both begin with the kernel's errno, 0 for success. */
static int parse_status(const void *payload, size_t size)
{
	struct rd rd = rd_init(payload, size);
	int32_t err;

	if (!rd_copy(&rd, &err, sizeof(err)) || err > 0 || err < -4095)
		return -EBADMSG;
	return err;
}

/* The next message of the datagram and its payload. False at the end, or with r->failed at a fault. */
static bool next_message(struct rd *r, struct nlmsghdr *ret, struct rd *ret_payload)
{
	const void *payload;
	size_t padding;

	if (r->left == 0 || !rd_copy(r, ret, sizeof(*ret)))
		return false;
	if (ret->nlmsg_len < sizeof(*ret)) {
		r->failed = true;
		return false;
	}
	payload = rd_bytes(r, ret->nlmsg_len - sizeof(*ret));
	if (!payload)
		return false;
	*ret_payload = rd_init(payload, ret->nlmsg_len - sizeof(*ret));
	padding = MNL_ALIGN(ret->nlmsg_len) - ret->nlmsg_len;
	rd_bytes(r, padding < r->left ? padding : r->left);
	return true;
}

int net_parse_tables(const void *data, size_t size, uint32_t seq, struct net_tables *t, struct net_answer *ret)
{
	struct rd rd = rd_init(data, size), p;
	struct net_answer answer = {0};
	struct nlmsghdr h;
	int r = 0;

	while (r >= 0 && next_message(&rd, &h, &p)) {
		if (h.nlmsg_seq != seq)
			continue;
		answer.interrupted |= h.nlmsg_flags & NLM_F_DUMP_INTR;
		if (h.nlmsg_type == RTM_NEWLINK) {
			r = parse_link(p.p, p.left, t);
		} else if (h.nlmsg_type == RTM_NEWADDR) {
			r = parse_addr(p.p, p.left, t);
		} else if (h.nlmsg_type == NLMSG_ERROR || h.nlmsg_type == NLMSG_DONE) {
			r = parse_status(p.p, p.left);
			answer.done = true;
		}
	}
	if (r < 0)
		return r;
	if (rd.failed)
		return -EBADMSG;
	*ret = answer;
	return 0;
}

static int parse_nsid(struct rd *rd, int32_t *ret_nsid)
{
	const struct nlattr *tb[NETNSA_NSID + 1];
	struct rtgenmsg gen;
	uint32_t nsid;
	int r;

	/* The fixed header is one byte; attributes start at the next multiple of four. */
	if (!rd_copy(rd, &gen, sizeof(gen)) || !rd_bytes(rd, MNL_ALIGN(sizeof(gen)) - sizeof(gen)))
		return -EBADMSG;
	r = parse_attrs(rd->p, rd->left, tb, NETNSA_NSID);
	if (r < 0)
		return r;
	if (!tb[NETNSA_NSID] || attr_u32(tb[NETNSA_NSID], &nsid) < 0)
		return -EBADMSG;
	if ((int32_t)nsid < 0)
		return -ENOENT;
	*ret_nsid = (int32_t)nsid;
	return 0;
}

int net_parse_nsid(const void *data, size_t size, uint32_t seq, int32_t *ret_nsid)
{
	struct rd rd = rd_init(data, size), p;
	struct nlmsghdr h;

	while (next_message(&rd, &h, &p)) {
		int r;

		if (h.nlmsg_seq != seq)
			continue;
		if (h.nlmsg_type == RTM_NEWNSID)
			return parse_nsid(&p, ret_nsid);
		if (h.nlmsg_type == NLMSG_ERROR) {
			r = parse_status(p.p, p.left);
			return r < 0 ? r : -EBADMSG;
		}
	}
	return -EBADMSG;
}
