/* SPDX-License-Identifier: GPL-2.0-only */
/* Endpoints by what users type: an address, netns:NAME or a pod's name. */
#include "net/endpoint.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/cleanup.h"

struct choice {
	size_t n;
	struct net_ip ip; /* the first */
	char all[400];	  /* for the user */
};

static void choice_add(struct choice *c, const struct net_ip *ip, const char *where)
{
	size_t len = strlen(c->all);
	char text[NET_IP_TEXT_MAX];

	/* Twice with different prefixes; if on two links, net_find_endpoint() will say so. */
	if (c->n && net_ip_equal(&c->ip, ip))
		return;
	if (c->n++ == 0)
		c->ip = *ip;
	net_ip_text(ip, text);
	snprintf(c->all + len, sizeof(c->all) - len, "%s%s (%s)", len ? ", " : "", text, where);
}

static const char *family_text(uint8_t family)
{
	return family == 4 ? "IPv4 " : family == 6 ? "IPv6 " : "";
}

/* Finds the address again in one namespace only: elsewhere it may be in use as well. */
static int find_in(const struct net_snapshot *s, size_t i, const struct net_ip *ip, struct endpoint *ret,
		   struct reason *reason)
{
	struct net_snapshot only = *s;
	struct net_tables *tables;
	int r;

	tables = calloc(s->list.n, sizeof(*tables));
	if (!tables)
		return -ENOMEM;
	for (size_t k = 0; k < s->list.n; k++) {
		tables[k] = s->tables[k];
		if (k != i)
			tables[k].n_addrs = 0;
	}
	only.tables = tables;
	r = net_find_endpoint(&only, ip, ret, reason);
	free(tables);
	return r;
}

static int find_by_netns(const struct net_snapshot *s, const char *name, uint8_t family, struct endpoint *ret,
			 struct reason *reason)
{
	const struct netns *ns;
	struct choice c = {0};
	uint32_t inode;
	size_t i;
	int r;

	r = netns_resolve(name, &inode, reason);
	if (r < 0)
		return r;
	ns = netns_list_find(&s->list, inode);
	if (!ns)
		return reason_set(reason, -ENOENT, "no network namespace %s here, or it could not be read", name);
	i = (size_t)(ns - s->list.v);
	for (size_t a = 0; a < s->tables[i].n_addrs; a++) {
		const struct net_addr *addr = &s->tables[i].addrs[a];
		const struct net_link *link = net_tables_find(&s->tables[i], addr->ifindex);

		if (addr->scope != RT_SCOPE_UNIVERSE || !link || !strcmp(link->ifname, "lo"))
			continue;
		if (!net_ip_is_link_local(&addr->ip) && (!family || family == addr->ip.family))
			choice_add(&c, &addr->ip, link->ifname);
	}
	if (c.n == 0)
		return reason_set(reason, -ENOENT, "network namespace %s has no global %saddress", name,
				  family_text(family));
	if (c.n > 1)
		return reason_set(reason, -ENOTUNIQ, "network namespace %s has several addresses, give one: %s", name,
				  c.all);
	return find_in(s, i, &c.ip, ret, reason);
}

bool net_pod_matches(const char *pod, const char *wanted)
{
	const char *slash;

	if (!pod)
		return false;
	slash = strchr(pod, '/');
	return !strcmp(pod, wanted) || (slash && !strcmp(slash + 1, wanted));
}

static int find_by_pod(const struct net_snapshot *s, const char *name, uint8_t family, struct endpoint *ret,
		       struct reason *reason)
{
	_cleanup_(endpoint_list_free) struct endpoint_list list = {0};
	struct endpoint *match = NULL;
	struct choice c = {0};
	int r;

	r = net_list_endpoints(s, 0, &list, reason);
	if (r < 0)
		return r;
	for (size_t k = 0; k < list.n; k++) {
		struct endpoint *e = &list.v[k];

		if (!net_pod_matches(e->pod, name) || (family && family != e->ip.family))
			continue;
		match = e;
		choice_add(&c, &e->ip, e->pod);
	}
	if (c.n == 0)
		return reason_set(reason, -ENOENT,
				  "%s is neither an address nor a pod known here; skbtrail endpoints lists them", name);
	if (c.n > 1)
		return reason_set(reason, -ENOTUNIQ, "pod %s has several addresses, give one: %s", name, c.all);
	*ret = *match;
	*match = (struct endpoint){0};
	return 0;
}

int net_find_endpoint_spelled(const struct net_snapshot *s, const char *spelling, uint8_t family, struct endpoint *ret,
			      struct reason *reason)
{
	struct net_ip ip;

	if (!*spelling)
		return reason_set(reason, -EINVAL, "empty endpoint: give an address, netns:NAME or a pod's name");
	if (net_ip_parse(spelling, &ip))
		return net_find_endpoint(s, &ip, ret, reason);
	if (!strncmp(spelling, "netns:", 6))
		return find_by_netns(s, spelling + 6, family, ret, reason);
	/* What looks like an address is no pod's name (those are DNS labels, RFC 1123). */
	if (strchr(spelling, ':') || strspn(spelling, "0123456789./") == strlen(spelling))
		return reason_set(reason, -EINVAL, "bad address %s", spelling);
	return find_by_pod(s, spelling, family, ret, reason);
}
