/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each question is asked from inside the packet's namespace: /proc/sys/net and /proc/thread-self/net show that of the
 * thread. A flood of drops must not make the trace slow: what is the same for all drops of a device is kept for a
 * tenth of a second, and routes are asked for at most a hundred times a second, be it all at once.
 */
#include "live/node_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/symbol.h"
#include "event/parts.h"
#include "live/node_counters.h"
#include "net/route.h"

#define KEPT	    64 /* a power of two */
#define KEEP_NS	    100000000ull
#define ROUTE_EVERY 10000000ull /* ns, on average */
#define ROUTE_BURST (100 * ROUTE_EVERY)

/* What is the same for all drops of a device in one family. */
struct device_facts {
	uint64_t until_ns; /* 0: unused */
	uint32_t netns, ifindex;
	bool v6, has_mac;
	uint8_t mac[6];
	struct facts facts;
};

struct node_facts {
	struct netns_names *names;
	struct node_counters *counters;
	uint64_t next_route_ns; /* CLOCK_MONOTONIC: when as many were asked as ROUTE_EVERY allows */
	struct device_facts kept[KEPT];
};

/* A number below /proc/sys/net. -errno. */
static int read_sysctl(const char *path, uint64_t *ret)
{
	char full[128], text[32];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	snprintf(full, sizeof(full), "/proc/sys/net/%s", path);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	*ret = strtoull(text, NULL, 10);
	return 0;
}

static int read_conf(const char *family, const char *ifname, const char *name, uint64_t *ret)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/conf/%s/%s", family, ifname, name);
	return read_sysctl(path, ret);
}

static void ask_v4(const char *ifname, struct facts *f)
{
	uint64_t all = 0, dev = 0;

	if (read_sysctl("ipv4/ip_forward", &all) == 0)
		facts_set(f, FACT_FORWARDS, all);
	if (read_conf("ipv4", ifname, "forwarding", &dev) == 0)
		facts_set(f, FACT_DEV_FORWARDS, dev);
	if (read_conf("ipv4", ifname, "rp_filter", &dev) < 0 || read_conf("ipv4", "all", "rp_filter", &all) < 0)
		return;
	dev = dev > all ? dev : all; /* IN_DEV_MAXCONF(), include/linux/inetdevice.h */
	facts_set(f, FACT_RP_FILTER, dev);
	facts_set(f, FACT_RP_STRICT, dev == 1);
}

static void ask_v6(const char *ifname, struct facts *f)
{
	uint64_t v = 0;
	int r;

	if (read_conf("ipv6", "all", "forwarding", &v) == 0)
		facts_set(f, FACT_FORWARDS, v);
	r = read_conf("ipv6", ifname, "disable_ipv6", &v);
	if (r == 0 || r == -ENOENT)
		facts_set(f, FACT_IPV6_HERE, r == 0);
	if (r == 0)
		facts_set(f, FACT_IPV6_DISABLED, v);
}

/* Without the module there is no table that could be full. */
static void ask_conntrack(struct facts *f)
{
	int r = read_sysctl("netfilter/nf_conntrack_count", &f->ct_count);

	if (r == 0)
		r = read_sysctl("netfilter/nf_conntrack_max", &f->ct_max);
	if (r == 0)
		facts_set(f, FACT_CT_FULL, f->ct_max && f->ct_count >= f->ct_max);
	else if (r == -ENOENT)
		facts_set(f, FACT_CT_FULL, false);
}

static void ask_device(const struct netns *ns, struct device_facts *d)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	struct net_link link;

	if (rtnl_open(ns, &rtnl) < 0 || rtnl_get_link(rtnl, d->ifindex, &link) < 0)
		return;
	facts_set(&d->facts, FACT_DEV_UP, link.up);
	d->has_mac = link.has_mac;
	memcpy(d->mac, link.mac, sizeof(d->mac));
}

struct inside {
	struct node_facts *n;
	struct device_facts *d;
	const char *ifname;
};

static int ask_inside(void *ctx)
{
	const struct inside *in = ctx;

	if (in->ifname && in->d->v6)
		ask_v6(in->ifname, &in->d->facts);
	else if (in->ifname)
		ask_v4(in->ifname, &in->d->facts);
	ask_conntrack(&in->d->facts);
	node_counters_look(in->n->counters, in->d->netns, &in->d->facts);
	return 0;
}

/* An event that is not IP is asked about as one of IPv4. */
static const struct device_facts *device_of(struct node_facts *n, const struct netns *ns, const struct event *ev)
{
	uint32_t ifindex = ev->has_dev ? ev->ifindex : 0;
	bool v6 = ev->tuple.family == 6;
	struct device_facts *d =
		&n->kept[hash_u64((uint64_t)ev->netns << 32 | (uint64_t)ifindex << 1 | v6) & (KEPT - 1)];
	struct inside in = {n, d, ev->has_dev ? ev->ifname : NULL};
	uint64_t now_ns = clock_monotonic_ns();

	if (now_ns < d->until_ns && d->netns == ev->netns && d->ifindex == ifindex && d->v6 == v6)
		return d;
	*d = (struct device_facts){.until_ns = now_ns + KEEP_NS, .netns = ev->netns, .ifindex = ifindex, .v6 = v6};
	if (netns_visit(ns, ask_inside, &in) == 0 && ifindex)
		ask_device(ns, d);
	return d;
}

/* A group's address is nobody else's. */
static void compare_mac(const struct device_facts *d, struct event *ev)
{
	const struct st_link *l = event_has_part(ev, ST_PART_LINK) ? &ev->parts->link : NULL;

	if (d->has_mac && l && l->has_mac)
		facts_set(&ev->facts, FACT_MAC_OURS,
			  l->mac_dst[0] & 1 || memcmp(l->mac_dst, d->mac, sizeof(d->mac)) == 0);
}

static bool route_matters(const struct event *ev)
{
	return symbol_is(ev->drop_symbol, "ip_error") || symbol_is(ev->drop_symbol, "ip6_pkt_drop");
}

static struct net_ip ip_of(const struct tuple *t, const uint8_t *addr)
{
	struct net_ip ip = {.family = t->family};

	memcpy(ip.bytes, addr, t->family == 4 ? 4 : 16);
	return ip;
}

static void set_route(int error, uint8_t type, struct facts *f)
{
	/* RTN_UNREACHABLE and the like come as errors */
	facts_set(f, FACT_NO_ROUTE, error == -ENETUNREACH);
	facts_set(f, FACT_ROUTE_UNREACHABLE, error == -EHOSTUNREACH);
	facts_set(f, FACT_ROUTE_PROHIBIT, error == -EACCES);
	facts_set(f, FACT_ROUTE_BLACKHOLE, error == -EINVAL);
	facts_set(f, FACT_ROUTE_FOUND, error == 0 && type != RTN_UNSPEC);
}

static void ask_route(struct node_facts *n, const struct netns *ns, struct event *ev)
{
	const struct tuple *t = &ev->tuple;
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	struct route_question q = {.iif = ev->ifindex, .mark = ev->mark};
	uint64_t now_ns = clock_monotonic_ns();
	uint8_t type = 0;
	int r;

	if (!ev->has_dev || !t->family || !route_matters(ev) || n->next_route_ns > now_ns + ROUTE_BURST)
		return;
	n->next_route_ns = (n->next_route_ns > now_ns ? n->next_route_ns : now_ns) + ROUTE_EVERY;
	q.src = ip_of(t, t->src);
	q.dst = ip_of(t, t->dst);
	if (t->has_ports && (t->l4 == IPPROTO_TCP || t->l4 == IPPROTO_UDP)) {
		q.l4 = t->l4;
		q.sport = t->sport;
		q.dport = t->dport;
	}
	r = rtnl_open(ns, &rtnl);
	if (r < 0)
		return;
	r = rtnl_get_route(rtnl, &q, &type);
	if (r == 0 || r == -ENETUNREACH || r == -EHOSTUNREACH || r == -EACCES || r == -EINVAL)
		set_route(r, type, &ev->facts);
}

void node_facts_ask(struct node_facts *n, struct event *ev)
{
	const struct netns *ns = ev->has_netns ? netns_names_netns(n->names, ev->netns) : NULL;
	const struct device_facts *d;

	if (!ns)
		return;
	d = device_of(n, ns, ev);
	ev->facts = d->facts;
	compare_mac(d, ev);
	ask_route(n, ns, ev);
}

static int begin_inside(void *ctx)
{
	struct inside *in = ctx;

	node_counters_look(in->n->counters, in->d->netns, &in->d->facts);
	return 0;
}

int node_facts_new(struct netns_names *names, struct node_facts **ret)
{
	_cleanup_(node_facts_freep) struct node_facts *n = calloc(1, sizeof(*n));
	struct netns_list list = {0};
	int r;

	if (!n)
		return -ENOMEM;
	n->names = names;
	r = node_counters_new(&n->counters);
	if (r < 0)
		return r;
	if (netns_list_load(&list, NULL) == 0) {
		for (size_t i = 0; i < list.n; i++) {
			struct device_facts d = {.netns = list.v[i].inode};
			struct inside in = {.n = n, .d = &d};

			(void)netns_visit(&list.v[i], begin_inside, &in);
		}
		netns_list_free(&list);
	}
	*ret = TAKE_PTR(n);
	return 0;
}

void node_facts_free(struct node_facts *n)
{
	if (!n)
		return;
	node_counters_free(n->counters);
	free(n);
}
