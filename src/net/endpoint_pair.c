/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether two endpoints can be the two pods of a same-node check, and whether an endpoint is still as it was. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/endpoint.h"

int endpoint_no_peer(const struct endpoint *e, struct reason *reason)
{
	static const char *const why[] = {
		[NET_PEER_FOUND] = "",
		[NET_PEER_NOT_A_PAIR] = "is not one end of a veth or netkit pair, so it has no host side",
		[NET_PEER_SAME_NETNS] = "has its peer in the same network namespace, so it has no host side",
		[NET_PEER_HIDDEN] = "has its peer in a network namespace that has neither a name nor a process here",
	};
	char text[NET_IP_TEXT_MAX];

	static_assert(ARRAY_SIZE(why) == NET_PEER_N_, "one text per enum net_peer");
	if (e->peer == NET_PEER_FOUND)
		return 0;
	net_ip_text(&e->ip, text);
	return reason_set(reason, -ENOLINK, "%s of %s (kind %s) %s", e->ifname, text, e->kind[0] ? e->kind : "none",
			  why[e->peer]);
}

/* The peer of `of` is where `in` has its address: in the other pod, or `in` is an address of the host itself. */
static int peer_is_with(const struct endpoint *of, const struct endpoint *in, struct reason *reason)
{
	char text[NET_IP_TEXT_MAX], other[NET_IP_TEXT_MAX];

	if (of->host_netns != in->netns)
		return 0;
	net_ip_text(&of->ip, text);
	net_ip_text(&in->ip, other);
	if (in->host_netns == of->netns && in->host_ifindex == of->ifindex)
		return reason_set(reason, -ENOLINK,
				  "%s of %s and %s of %s are the two ends of one %s pair, so there is no host side",
				  of->ifname, text, in->ifname, other, of->kind);
	return reason_set(reason, -ENOLINK,
			  "%s is an address on %s in the namespace that has the other end of %s's %s, so it is the "
			  "host's and has no host side; give a pod's address",
			  other, in->ifname, text, of->ifname);
}

int endpoint_check_pair(const struct endpoint *src, const struct endpoint *dst, struct reason *reason)
{
	char a[NET_IP_TEXT_MAX], b[NET_IP_TEXT_MAX];
	int r;

	net_ip_text(&src->ip, a);
	net_ip_text(&dst->ip, b);
	if (src->netns == dst->netns)
		return reason_set(reason, -EINVAL, "%s and %s are in the same namespace: there is no veth between them",
				  a, b);
	r = endpoint_no_peer(src, reason);
	if (r >= 0)
		r = endpoint_no_peer(dst, reason);
	if (r >= 0)
		r = peer_is_with(dst, src, reason);
	if (r >= 0)
		r = peer_is_with(src, dst, reason);
	if (r < 0)
		return r;
	if (src->host_netns != dst->host_netns)
		return reason_set(reason, -EINVAL,
				  "the host sides of %s (%s) and %s (%s) are in different network namespaces, so they "
				  "are not on one node",
				  a, src->host_ifname, b, dst->host_ifname);
	return 0;
}

static bool has_address(const struct net_tables *t, const struct endpoint *e)
{
	for (size_t a = 0; a < t->n_addrs; a++)
		if (t->addrs[a].ifindex == e->ifindex && net_ip_equal(&t->addrs[a].ip, &e->ip))
			return true;
	return false;
}

int endpoint_is_unchanged(const struct net_snapshot *s, const struct endpoint *e)
{
	const struct netns *ns = netns_list_find(&s->list, e->netns);
	_cleanup_(endpoint_clear) struct endpoint now = {0};
	size_t i = ns ? (size_t)(ns - s->list.v) : 0;
	const struct net_link *link = ns ? net_tables_find(&s->tables[i], e->ifindex) : NULL;
	int r;

	if (!link || !has_address(&s->tables[i], e))
		return 0;
	r = endpoint_on(s, i, link, &e->ip, &now);
	if (r < 0)
		return r;
	return !strcmp(now.ifname, e->ifname) && !strcmp(now.kind, e->kind) && now.peer == e->peer &&
	       now.host_netns == e->host_netns && now.host_ifindex == e->host_ifindex &&
	       !strcmp(now.host_ifname, e->host_ifname);
}
