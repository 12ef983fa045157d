/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: how the host side of a pair is found.
 *
 * A veth or netkit link names its peer by two numbers: IFLA_LINK is the ifindex of the peer, and IFLA_LINK_NETNSID is
 * the id that the link's namespace has assigned to the peer's namespace (absent if both are in one namespace). Each
 * namespace assigns its own ids, and ifindexes repeat between namespaces, so neither number identifies the peer alone.
 * A candidate is a link of the same kind and with that ifindex whose own IFLA_LINK is our link's ifindex. It is the
 * peer if our link's namespace has assigned exactly that id to the candidate's namespace, which only the kernel can
 * tell. Candidates are searched in the tables first, so that the kernel is asked about once per endpoint, not once per
 * namespace.
 */
#include "net/endpoint.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "net/endpoint_choice.h"

void endpoint_clear(struct endpoint *e)
{
	for (size_t i = 0; i < e->n_programs; i++) {
		free(e->programs[i].attach);
		free(e->programs[i].name);
	}
	free(e->programs);
	free(e->pod);
	free(e->netns_name);
	free(e->host_netns_name);
	*e = (struct endpoint){0};
}

void endpoint_list_free(struct endpoint_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		endpoint_clear(&list->v[i]);
	free(list->v);
	*list = (struct endpoint_list){0};
}

static bool is_pair_kind(const struct net_link *link)
{
	return !strcmp(link->kind, "veth") || !strcmp(link->kind, "netkit");
}

/* The link in namespace j that the tables allow to be the peer of `link`; NULL: none. */
static const struct net_link *candidate(const struct net_snapshot *s, size_t j, const struct net_link *link)
{
	const struct net_link *p = net_tables_find(&s->tables[j], link->iflink);

	if (!p || strcmp(p->kind, link->kind) != 0)
		return NULL;
	if (!p->has_iflink || p->iflink != link->ifindex || !p->has_link_netnsid)
		return NULL;
	return p;
}

/* 1: namespace j holds the peer; 0: it does not; -errno. */
static int try_namespace(const struct net_snapshot *s, size_t i, size_t j, const struct net_link *link,
			 const struct net_link **ret_peer)
{
	const struct net_link *p = i == j ? NULL : candidate(s, j, link);
	int32_t nsid;
	int r;

	if (!p)
		return 0;
	r = s->ops->nsid(s->ctx, &s->list.v[i], &s->list.v[j], &nsid);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (nsid != link->link_netnsid)
		return 0;
	*ret_peer = p;
	return 1;
}

/* The peer of a link in namespace i. An enum net_peer, or -errno; *ret_ns and *ret_peer only for NET_PEER_FOUND. */
static int find_peer(const struct net_snapshot *s, size_t i, const struct net_link *link, size_t *ret_ns,
		     const struct net_link **ret_peer)
{
	if (!is_pair_kind(link) || !link->has_iflink || link->iflink == 0)
		return NET_PEER_NOT_A_PAIR;
	if (!link->has_link_netnsid)
		return NET_PEER_SAME_NETNS;
	if (link->link_netnsid < 0)
		return NET_PEER_HIDDEN;
	/* Our own namespace first: nearly all peers are there. */
	for (size_t k = 0; k <= s->list.n; k++) {
		size_t j = k == 0 ? s->list.own : k - 1;
		int r;

		if (k > 0 && j == s->list.own)
			continue;
		r = try_namespace(s, i, j, link, ret_peer);
		if (r < 0)
			return r;
		if (r > 0) {
			*ret_ns = j;
			return NET_PEER_FOUND;
		}
	}
	return NET_PEER_HIDDEN;
}

static int copy_name(const char *name, char **ret)
{
	*ret = name ? strdup(name) : NULL;
	return name && !*ret ? -ENOMEM : 0;
}

static int fill_host(const struct net_snapshot *s, size_t i, const struct net_link *link, struct endpoint *e)
{
	const struct net_link *peer = NULL;
	size_t j = 0;
	int r = find_peer(s, i, link, &j, &peer);

	if (r < 0)
		return r;
	e->peer = (enum net_peer)r;
	if (e->peer != NET_PEER_FOUND)
		return 0;
	e->host_netns = s->list.v[j].inode;
	e->host_ifindex = peer->ifindex;
	memcpy(e->host_ifname, peer->ifname, sizeof(e->host_ifname));
	return copy_name(s->list.v[j].name, &e->host_netns_name);
}

/* Fills all but the pod's name, which is expensive and not needed for links that are then left out. */
static int fill(const struct net_snapshot *s, size_t i, const struct net_link *link, const struct net_ip *ip,
		struct endpoint *ret)
{
	_cleanup_(endpoint_clear) struct endpoint e = {.ip = *ip};
	int r;

	e.netns = s->list.v[i].inode;
	e.ifindex = link->ifindex;
	memcpy(e.ifname, link->ifname, sizeof(e.ifname));
	memcpy(e.kind, link->kind, sizeof(e.kind));
	r = copy_name(s->list.v[i].name, &e.netns_name);
	if (r >= 0)
		r = fill_host(s, i, link, &e);
	if (r < 0)
		return r;
	*ret = e;
	e = (struct endpoint){0};
	return 0;
}

static int fill_pod(const struct net_snapshot *s, size_t i, struct endpoint *e)
{
	/* An address of the host does not belong to a pod. */
	return i == s->list.own ? 0 : s->ops->pod(s->ctx, &s->list.v[i], &e->ip, &e->pod);
}

int endpoint_on(const struct net_snapshot *s, size_t i, const struct net_link *link, const struct net_ip *ip,
		struct endpoint *ret)
{
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	int r = fill(s, i, link, ip, &e);

	if (r >= 0)
		r = fill_pod(s, i, &e);
	if (r < 0)
		return r;
	*ret = e;
	e = (struct endpoint){0};
	return 0;
}

/* Returns how many addresses of loopback scope are the same. */
static size_t look_for(const struct net_snapshot *s, const struct net_ip *ip, struct endpoint_choice *c)
{
	size_t n_host_scope = 0;

	for (size_t i = 0; i < s->list.n; i++) {
		const struct net_tables *t = &s->tables[i];

		for (size_t a = 0; a < t->n_addrs; a++) {
			const struct net_link *link;

			if (!net_ip_equal(&t->addrs[a].ip, ip))
				continue;
			if (t->addrs[a].scope == RT_SCOPE_HOST) {
				n_host_scope++;
				continue;
			}
			link = net_tables_find(t, t->addrs[a].ifindex);
			if (link && !net_tables_repeat(t, a))
				endpoint_choice_add(c, s, i, link, ip, NULL);
		}
	}
	return n_host_scope;
}

int endpoint_find(const struct net_snapshot *s, const struct net_ip *ip, struct endpoint *ret, struct reason *reason)
{
	struct endpoint_choice c = {0};
	char text[NET_IP_TEXT_MAX];
	size_t n_host_scope;
	int r;

	net_ip_text(ip, text);
	n_host_scope = look_for(s, ip, &c);
	if (c.n > 1)
		return reason_set(reason, -ENOTUNIQ, "%s is configured on %zu interfaces, say which: %s", text, c.n,
				  c.all);
	if (c.n == 0 && n_host_scope)
		return reason_set(reason, -ENOENT, "%s is a loopback address; give an address on the pod's interface",
				  text);
	if (c.n == 0 && s->list.n_unreadable)
		return reason_set(reason, -ENOENT,
				  "no readable network namespace has the address %s, and %zu could not be read: "
				  "CAP_SYS_ADMIN and CAP_SYS_PTRACE are needed",
				  text, s->list.n_unreadable);
	if (c.n == 0)
		return reason_set(reason, -ENOENT,
				  "no network namespace has the address %s; skbtrail endpoints lists what there is",
				  text);
	r = endpoint_on(s, c.ns, c.link, ip, ret);
	return r < 0 ? reason_set(reason, r, "cannot examine %s: %s", text, strerror(-r)) : 0;
}

static bool is_listed(const struct net_addr *addr, unsigned flags)
{
	if (addr->scope == RT_SCOPE_HOST)
		return false;
	if (addr->scope == RT_SCOPE_LINK || net_ip_is_link_local(&addr->ip))
		return flags & ENDPOINT_LINK_LOCAL;
	return true;
}

/* Takes ownership of what *e owns, also on failure. */
static int list_add(struct endpoint_list *list, struct endpoint *e)
{
	if (ARRAY_GROW(list->v, list->n) < 0) {
		endpoint_clear(e);
		return -ENOMEM;
	}
	list->v[list->n++] = *e;
	return 0;
}

static int list_address(const struct net_snapshot *s, size_t i, const struct net_addr *addr, struct endpoint_list *list)
{
	const struct net_link *link = net_tables_find(&s->tables[i], addr->ifindex);
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	struct endpoint moved;
	int r;

	if (!link || !is_pair_kind(link))
		return 0;
	r = fill(s, i, link, &addr->ip, &e);
	if (r < 0 || e.peer != NET_PEER_FOUND)
		return r;
	r = fill_pod(s, i, &e);
	if (r < 0)
		return r;
	moved = e;
	e = (struct endpoint){0};
	return list_add(list, &moved);
}

static int compare_endpoints(const void *a, const void *b)
{
	const struct endpoint *x = a, *y = b;
	int r;

	if (x->ip.family != y->ip.family)
		return x->ip.family < y->ip.family ? -1 : 1;
	r = memcmp(x->ip.bytes, y->ip.bytes, sizeof(x->ip.bytes));
	if (r != 0)
		return r;
	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

int endpoint_list_collect(const struct net_snapshot *s, unsigned flags, struct endpoint_list *ret,
			  struct reason *reason)
{
	_cleanup_(endpoint_list_free) struct endpoint_list list = {0};

	for (size_t i = 0; i < s->list.n; i++) {
		const struct net_tables *t = &s->tables[i];

		if (i == s->list.own && !(flags & ENDPOINT_HOST))
			continue;
		for (size_t a = 0; a < t->n_addrs; a++) {
			int r = 0;

			if (is_listed(&t->addrs[a], flags) && !net_tables_repeat(t, a))
				r = list_address(s, i, &t->addrs[a], &list);
			if (r < 0)
				return reason_set(reason, r, "cannot list endpoints: %s", strerror(-r));
		}
	}
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), compare_endpoints);
	*ret = list;
	list = (struct endpoint_list){0};
	return 0;
}
