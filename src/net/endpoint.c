/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding the host side of a pair
 *
 * A veth or netkit link names its peer by two numbers: IFLA_LINK, the peer's ifindex, and IFLA_LINK_NETNSID, the id by
 * which the link's own namespace calls the peer's (absent when that is the same namespace). Such ids are private to
 * the namespace that uses them, and ifindexes repeat between namespaces, so neither tells the peer apart by itself. A
 * candidate is a link of the same kind with the right ifindex that points back at ours; it is the peer only if the
 * kernel, asked in our link's namespace, calls the candidate's namespace by exactly that id. Candidates are looked for
 * in the tables first, so that the kernel is asked about once per endpoint and not once per namespace.
 */
#include "net/endpoint.h"

#include <assert.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/cleanup.h"

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

/* Whether the link with our link's iflink in namespace j could be its peer, by the tables alone. */
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
	/* The host side first: that is where nearly all peers are. */
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

/* Everything but the pod's name, which costs more and is not wanted for links that are then left out. */
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
	/* The host is not a pod, whatever its interfaces are connected to. */
	return i == s->list.own ? 0 : s->ops->pod(s->ctx, &s->list.v[i], &e->ip, &e->pod);
}

/* Whether an earlier address of this namespace is the same one on the same link (with another prefix). */
static bool is_repeated(const struct net_tables *t, size_t a)
{
	for (size_t b = 0; b < a; b++)
		if (t->addrs[b].ifindex == t->addrs[a].ifindex && net_ip_equal(&t->addrs[b].ip, &t->addrs[a].ip))
			return true;
	return false;
}

struct found {
	size_t n, n_host_scope;
	size_t ns;
	const struct net_link *link;
	char where[400]; /* all of them, for the user */
};

static void note_found(const struct net_snapshot *s, size_t i, const struct net_link *link, struct found *f)
{
	char spelling[NETNS_SPELLING_MAX];
	size_t len = strlen(f->where);

	if (f->n++ == 0) {
		f->ns = i;
		f->link = link;
	}
	netns_spell(&s->list.v[i], spelling);
	snprintf(f->where + len, sizeof(f->where) - len, "%s%s (%s)", len ? ", " : "", spelling, link->ifname);
}

static void look_for(const struct net_snapshot *s, const struct net_ip *ip, struct found *f)
{
	for (size_t i = 0; i < s->list.n; i++) {
		const struct net_tables *t = &s->tables[i];

		for (size_t a = 0; a < t->n_addrs; a++) {
			const struct net_link *link;

			if (!net_ip_equal(&t->addrs[a].ip, ip))
				continue;
			if (t->addrs[a].scope == RT_SCOPE_HOST) {
				f->n_host_scope++;
				continue;
			}
			link = net_tables_find(t, t->addrs[a].ifindex);
			if (link && !is_repeated(t, a))
				note_found(s, i, link, f);
		}
	}
}

int net_find_endpoint(const struct net_snapshot *s, const struct net_ip *ip, struct endpoint *ret,
		      struct reason *reason)
{
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	char text[NET_IP_TEXT_MAX];
	struct found f = {0};
	int r;

	net_ip_text(ip, text);
	look_for(s, ip, &f);
	if (f.n > 1)
		return reason_set(reason, -ENOTUNIQ,
				  "%s is configured on %zu interfaces, say which with netns:NAME: %s", text, f.n,
				  f.where);
	if (f.n == 0 && f.n_host_scope)
		return reason_set(reason, -ENOENT, "%s is a loopback address; give an address on the pod's interface",
				  text);
	if (f.n == 0 && s->list.n_unreadable)
		return reason_set(reason, -ENOENT,
				  "no network namespace that can be read has the address %s, and %zu could not be: "
				  "CAP_SYS_ADMIN and CAP_SYS_PTRACE are needed",
				  text, s->list.n_unreadable);
	if (f.n == 0)
		return reason_set(reason, -ENOENT,
				  "no network namespace has the address %s; skbtrail endpoints lists what there is",
				  text);
	r = fill(s, f.ns, f.link, ip, &e);
	if (r >= 0)
		r = fill_pod(s, f.ns, &e);
	if (r < 0)
		return reason_set(reason, r, "cannot examine %s: %s", text, strerror(-r));
	*ret = e;
	e = (struct endpoint){0};
	return 0;
}

static bool is_listed(const struct net_addr *addr, unsigned flags)
{
	if (addr->scope == RT_SCOPE_HOST)
		return false;
	if (addr->scope == RT_SCOPE_LINK || net_ip_is_link_local(&addr->ip))
		return flags & NET_LIST_LINK_LOCAL;
	return true;
}

/* Takes *e, also on failure. */
static int list_add(struct endpoint_list *list, struct endpoint *e)
{
	if ((list->n & (list->n - 1)) == 0) {
		struct endpoint *v = reallocarray(list->v, list->n ? list->n * 2 : 1, sizeof(*v));

		if (!v) {
			endpoint_clear(e);
			return -ENOMEM;
		}
		list->v = v;
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

int net_list_endpoints(const struct net_snapshot *s, unsigned flags, struct endpoint_list *ret, struct reason *reason)
{
	_cleanup_(endpoint_list_free) struct endpoint_list list = {0};

	for (size_t i = 0; i < s->list.n; i++) {
		const struct net_tables *t = &s->tables[i];

		if (i == s->list.own && !(flags & NET_LIST_HOST))
			continue;
		for (size_t a = 0; a < t->n_addrs; a++) {
			int r = 0;

			if (is_listed(&t->addrs[a], flags) && !is_repeated(t, a))
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

int endpoint_no_peer(const struct endpoint *e, struct reason *reason)
{
	static const char *const why[] = {
		[NET_PEER_FOUND] = "",
		[NET_PEER_NOT_A_PAIR] = "is no end of a veth or netkit pair, so it has no host side",
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
