/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/rtnl_parse.h"

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

/* NOLINTNEXTLINE(misc-redundant-expression): that both sides are equal is what is asserted */
static_assert(NETNSA_NSID_NOT_ASSIGNED == -1, "linux/net_namespace.h");

static int attr_opt_u32(const struct nlattr *a, uint32_t *ret, bool *ret_has)
{
	*ret_has = a;
	return a ? nl_u32(a, ret) : 0;
}

/* Newer kernels send a longer struct; its first members are the same in all versions. */
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
	int r = nl_nested(nest, tb, IFLA_INFO_KIND);

	if (r >= 0 && tb[IFLA_INFO_KIND])
		nl_string(tb[IFLA_INFO_KIND], link->kind, sizeof(link->kind));
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
	r = nl_attrs(rd.p, rd.left, tb, IFLA_LINK_NETNSID);
	if (r < 0)
		return r;
	if (!tb[IFLA_IFNAME])
		return -EBADMSG;
	link.ifindex = (uint32_t)ifi.ifi_index;
	link.up = ifi.ifi_flags & IFF_UP;
	link.no_carrier = tb[IFLA_CARRIER] && mnl_attr_get_payload_len(tb[IFLA_CARRIER]) == 1 &&
			  !mnl_attr_get_u8(tb[IFLA_CARRIER]);
	nl_string(tb[IFLA_IFNAME], link.ifname, sizeof(link.ifname));
	r = parse_link_numbers(tb, &link);
	if (r >= 0 && tb[IFLA_LINKINFO])
		r = parse_linkinfo(tb[IFLA_LINKINFO], &link);
	if (r >= 0 && tb[IFLA_STATS64])
		r = parse_stats(tb[IFLA_STATS64], &link);
	if (r < 0)
		return r;
	/* Addresses of other lengths belong to InfiniBand and tunnels. */
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
	r = nl_attrs(rd.p, rd.left, tb, IFA_LOCAL);
	if (r < 0)
		return r;
	/* On a point-to-point link IFA_ADDRESS is the address of the other end, and IFA_LOCAL is our own. */
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

int rtnl_parse_message(void *tables, uint16_t type, struct rd *payload)
{
	if (type == RTM_NEWLINK)
		return parse_link(payload->p, payload->left, tables);
	return type == RTM_NEWADDR ? parse_addr(payload->p, payload->left, tables) : 0;
}

int rtnl_parse_tables(const void *data, size_t size, uint32_t seq, struct net_tables *t, struct nl_answer *ret)
{
	return nl_parse(data, size, seq, rtnl_parse_message, t, ret);
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
	r = nl_attrs(rd->p, rd->left, tb, NETNSA_NSID);
	if (r < 0)
		return r;
	if (!tb[NETNSA_NSID] || nl_u32(tb[NETNSA_NSID], &nsid) < 0)
		return -EBADMSG;
	if ((int32_t)nsid < 0)
		return -ENOENT;
	*ret_nsid = (int32_t)nsid;
	return 0;
}

struct nsid {
	bool found;
	int32_t id;
};

static int parse_nsid_message(void *ctx, uint16_t type, struct rd *payload)
{
	struct nsid *n = ctx;

	if (type != RTM_NEWNSID || n->found)
		return 0;
	n->found = true;
	return parse_nsid(payload, &n->id);
}

int rtnl_parse_nsid(const void *data, size_t size, uint32_t seq, int32_t *ret_nsid)
{
	struct nl_answer answer;
	struct nsid n = {0};
	int r = nl_parse(data, size, seq, parse_nsid_message, &n, &answer);

	if (r < 0)
		return r;
	if (!n.found)
		return -EBADMSG;
	*ret_nsid = n.id;
	return 0;
}
