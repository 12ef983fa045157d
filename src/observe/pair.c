/* SPDX-License-Identifier: GPL-2.0-only */
#include "observe/observe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "event/tuple.h"

int pair_find_endpoints(const struct check_options *o, struct net_snapshot *snapshot, struct observation *ret,
			struct reason *reason)
{
	struct net_ip ip;
	uint8_t family = 0;
	int r;

	if (net_ip_parse(o->dst, &ip) || net_ip_parse(o->src, &ip))
		family = ip.family;
	r = endpoint_resolve(snapshot, o->src, family, &ret->src, reason);
	if (r < 0)
		return r;
	r = endpoint_resolve(snapshot, o->dst, ret->src.ip.family, &ret->dst, reason);
	if (r < 0)
		return r;
	if (ret->src.ip.family != ret->dst.ip.family)
		return reason_set(reason, -EINVAL, "%s and %s are of different address families", o->src, o->dst);
	return endpoint_check_pair(&ret->src, &ret->dst, reason);
}

static int parse_address(const char *s, const char *option, const char *with, struct endpoint *ret,
			 struct reason *reason)
{
	*ret = (struct endpoint){.peer = NET_PEER_HIDDEN};
	if (net_ip_parse(s, &ret->ip))
		return 0;
	return reason_set(reason, -EINVAL, "--%s=%s: with --%s it must be an address", option, s, with);
}

int pair_parse_flow(const struct check_options *o, const char *with, struct observation *obs, struct st_flow *ret,
		    struct reason *reason)
{
	int r = parse_address(o->src, "src-ip", with, &obs->src, reason);

	if (r >= 0)
		r = parse_address(o->dst, "dst-ip", with, &obs->dst, reason);
	if (r < 0)
		return r;
	if (obs->src.ip.family != obs->dst.ip.family)
		return reason_set(reason, -EINVAL, "%s and %s are of different address families", o->src, o->dst);
	*ret = (struct st_flow){.family = obs->src.ip.family, .l4 = o->l4, .port_be = htons(o->port)};
	if (ret->l4 == IPPROTO_ICMP && ret->family == 6)
		ret->l4 = IPPROTO_ICMPV6;
	memcpy(ret->src_be, obs->src.ip.bytes, sizeof(ret->src_be));
	memcpy(ret->dst_be, obs->dst.ip.bytes, sizeof(ret->dst_be));
	if (memcmp(ret->src_be, ret->dst_be, sizeof(ret->src_be)) == 0)
		return reason_set(reason, -EINVAL, "--src-ip and --dst-ip are the same address");
	obs->has_endpoints = true;
	obs->proto = l4_name(ret->l4);
	return 0;
}

static void set_iface(struct iface *i, uint32_t netns, uint32_t ifindex, const char *ifname)
{
	i->netns = netns;
	i->ifindex = ifindex;
	snprintf(i->ifname, sizeof(i->ifname), "%s", ifname);
}

void pair_set_points(const struct observation *obs, struct check_setup *s)
{
	const struct endpoint *src = &obs->src, *dst = &obs->dst;

	set_iface(&s->points[POINT_SRC_POD], src->netns, src->ifindex, src->ifname);
	set_iface(&s->points[POINT_SRC_HOST], src->host_netns, src->host_ifindex, src->host_ifname);
	set_iface(&s->points[POINT_DST_HOST], dst->host_netns, dst->host_ifindex, dst->host_ifname);
	set_iface(&s->points[POINT_DST_POD], dst->netns, dst->ifindex, dst->ifname);
}
