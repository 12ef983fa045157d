/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds an endpoint by the text that a user typed: an address, netns:NAME or a pod's name. */
#include "net/endpoint.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/endpoint_choice.h"
#include "net/pod.h"

/* What a user typed: NAME[,IFNAME][,ADDRESS]. */
struct wanted {
	char name[256];	    /* of a pod, or of a network namespace */
	const char *ifname; /* NULL: any */
	struct net_ip ip;   /* family 0: any */
	uint8_t family;	    /* 0: any; for the callers of is_wanted() */
};

static const char *family_text(uint8_t family)
{
	return family == 4 ? "IPv4 " : family == 6 ? "IPv6 " : "";
}

/* *buf receives the text, which ret->ifname points into. */
static int parse_wanted(const char *text, uint8_t family, char buf[static 512], struct wanted *ret,
			struct reason *reason)
{
	char *rest, *part;

	*ret = (struct wanted){.family = family};
	snprintf(buf, 512, "%s", text);
	rest = buf;
	snprintf(ret->name, sizeof(ret->name), "%s", strsep(&rest, ","));
	while ((part = strsep(&rest, ","))) {
		if (!ret->ip.family && net_ip_parse(part, &ret->ip))
			continue;
		if (ret->ifname || !*part)
			return reason_set(reason, -EINVAL, "bad endpoint %s: give NAME[,IFNAME][,ADDRESS]", text);
		ret->ifname = part;
	}
	return 0;
}

static bool is_wanted(const struct net_snapshot *s, size_t i, size_t a, const struct wanted *w,
		      const struct net_link **ret_link)
{
	const struct net_addr *addr = &s->tables[i].addrs[a];
	const struct net_link *link = net_tables_find(&s->tables[i], addr->ifindex);

	if (!link || net_tables_repeat(&s->tables[i], a))
		return false;
	if (w->ip.family ? !net_ip_equal(&addr->ip, &w->ip)
			 : addr->scope != RT_SCOPE_UNIVERSE || net_ip_is_link_local(&addr->ip))
		return false;
	if (w->ifname ? strcmp(w->ifname, link->ifname) != 0 : !strcmp(link->ifname, "lo"))
		return false;
	*ret_link = link;
	return true;
}

static int take(const struct net_snapshot *s, const struct endpoint_choice *c, const char *text, struct endpoint *ret,
		struct reason *reason)
{
	int r = endpoint_on(s, c->ns, c->link, &c->ip, ret);

	return r < 0 ? reason_set(reason, r, "cannot examine %s: %s", text, strerror(-r)) : 0;
}

static int find_by_netns(const struct net_snapshot *s, const char *text, uint8_t family, struct endpoint *ret,
			 struct reason *reason)
{
	struct endpoint_choice c = {0};
	const struct netns *ns;
	struct wanted w;
	uint32_t inode;
	char buf[512];
	size_t i;
	int r;

	r = parse_wanted(text, family, buf, &w, reason);
	if (r >= 0)
		r = netns_resolve(w.name, &inode, reason);
	if (r < 0)
		return r;
	ns = netns_list_find(&s->list, inode);
	if (!ns)
		return reason_set(reason, -ENOENT, "no network namespace %s here, or it could not be read", w.name);
	i = (size_t)(ns - s->list.v);
	for (size_t a = 0; a < s->tables[i].n_addrs; a++) {
		const struct net_link *link;

		if (is_wanted(s, i, a, &w, &link) && (!family || family == s->tables[i].addrs[a].ip.family))
			endpoint_choice_add(&c, s, i, link, &s->tables[i].addrs[a].ip, NULL);
	}
	if (c.n == 0)
		return reason_set(reason, -ENOENT, "network namespace %s has no %s%saddress%s%s", w.name,
				  w.ip.family ? "such " : "global ", family_text(family), w.ifname ? " on " : "",
				  w.ifname ? w.ifname : "");
	if (c.n > 1)
		return reason_set(reason, -ENOTUNIQ, "network namespace %s has several addresses, say which: %s",
				  w.name, c.all);
	return take(s, &c, text, ret, reason);
}

/* The addresses of pods of one name. */
struct pods {
	struct endpoint_choice named;  /* of both families, all of them */
	struct endpoint_choice wanted; /* of the wanted family */
	struct endpoint_choice pairs;  /* those of the wanted ones that are on interfaces with a host side */
};

/* Adds the pod's address if it is wanted. 0 or -errno. */
static int add_address(const struct net_snapshot *s, size_t i, size_t a, const struct wanted *w, struct pods *p)
{
	const struct net_ip *ip = &s->tables[i].addrs[a].ip;
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	_cleanup_free_ char *pod = NULL;
	const struct net_link *link;
	int r;

	if (!is_wanted(s, i, a, w, &link))
		return 0;
	r = s->ops->pod(s->ctx, &s->list.v[i], ip, &pod);
	if (r < 0 || !pod_name_matches(pod, w->name))
		return r;
	endpoint_choice_add(&p->named, s, i, link, ip, pod);
	if (w->family && w->family != ip->family)
		return 0;
	r = endpoint_on(s, i, link, ip, &e);
	if (r < 0)
		return r;
	endpoint_choice_add(&p->wanted, s, i, link, ip, pod);
	if (e.peer == NET_PEER_FOUND)
		endpoint_choice_add(&p->pairs, s, i, link, ip, pod);
	return 0;
}

static int find_pods(const struct net_snapshot *s, const struct wanted *w, struct pods *ret, struct reason *reason)
{
	for (size_t i = 0; i < s->list.n; i++) {
		for (size_t a = 0; i != s->list.own && a < s->tables[i].n_addrs; a++) {
			int r = add_address(s, i, a, w, ret);

			if (r < 0)
				return reason_set(reason, r, "cannot look for pod %s: %s", w->name, strerror(-r));
		}
	}
	return 0;
}

static int find_by_pod(const struct net_snapshot *s, const char *text, uint8_t family, struct endpoint *ret,
		       struct reason *reason)
{
	const struct endpoint_choice *c;
	struct pods p = {0};
	struct wanted w;
	char buf[512];
	int r;

	r = parse_wanted(text, family, buf, &w, reason);
	if (r >= 0)
		r = find_pods(s, &w, &p, reason);
	if (r < 0)
		return r;
	if (p.named.n_netns > 1)
		return reason_set(reason, -ENOTUNIQ,
				  "%zu pods are named %s, say which by NAMESPACE/NAME, an address or one of: %s",
				  p.named.n_netns, w.name, p.named.all);
	/* an interface without a host side is named only if there is no other: then the pair is refused with the cause
	 */
	c = p.pairs.n ? &p.pairs : &p.wanted;
	if (c->n == 0)
		return reason_set(reason, -ENOENT,
				  "%s is neither an address nor a pod known here; skbtrail endpoints lists them", text);
	if (c->n > 1)
		return reason_set(reason, -ENOTUNIQ, "pod %s has several addresses, say which: %s", w.name, c->all);
	return take(s, c, text, ret, reason);
}

int endpoint_resolve(const struct net_snapshot *s, const char *text, uint8_t family, struct endpoint *ret,
		     struct reason *reason)
{
	struct net_ip ip;

	if (!*text)
		return reason_set(reason, -EINVAL, "empty endpoint: give an address, netns:NAME or a pod's name");
	if (net_ip_parse(text, &ip))
		return endpoint_find(s, &ip, ret, reason);
	if (!strncmp(text, "netns:", 6))
		return find_by_netns(s, text + 6, family, ret, reason);
	/* A pod's name is a DNS label (RFC 1123), so this text was meant as an address. */
	if (strcspn(text, ":") < strcspn(text, ",") || strspn(text, "0123456789./") == strlen(text))
		return reason_set(reason, -EINVAL, "bad address %s", text);
	return find_by_pod(s, text, family, ret, reason);
}
