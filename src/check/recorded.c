/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/recorded.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* What a function's entry says of the packet. */
enum sight {
	SIGHT_NONE,
	SIGHT_XMIT,
	SIGHT_NETKIT, /* transmits as well, like any driver */
	SIGHT_QUEUE,  /* on its way to a transmission or a reception */
	SIGHT_RECEIVE,
	SIGHT_REDIRECT,
	SIGHT_IP_RCV,
	SIGHT_FORWARD,
	SIGHT_BRIDGE,
	SIGHT_NETFILTER,
	SIGHT_DROP,
};

/* Names from 5.10 to 7.2: net/core/dev.c, net/core/filter.c, drivers/net/veth.c and netkit.c, net/ipv4, net/ipv6. */
static const struct {
	const char *func;
	enum sight sight;
} functions[] = {
	{"dev_hard_start_xmit", SIGHT_XMIT},
	{"veth_xmit", SIGHT_XMIT},
	{"netkit_xmit", SIGHT_NETKIT},
	{"__dev_queue_xmit", SIGHT_QUEUE},
	{"dev_queue_xmit", SIGHT_QUEUE},
	{"__dev_forward_skb", SIGHT_QUEUE},
	{"__dev_forward_skb2", SIGHT_QUEUE},
	{"dev_forward_skb", SIGHT_QUEUE},
	{"__bpf_redirect", SIGHT_QUEUE},
	{"netif_rx", SIGHT_QUEUE},
	{"__netif_rx", SIGHT_QUEUE},
	{"netif_rx_ni", SIGHT_QUEUE},
	{"netif_rx_internal", SIGHT_QUEUE},
	{"enqueue_to_backlog", SIGHT_QUEUE},
	{"netif_receive_skb", SIGHT_RECEIVE},
	{"netif_receive_skb_internal", SIGHT_RECEIVE},
	{"__netif_receive_skb", SIGHT_RECEIVE},
	{"__netif_receive_skb_one_core", SIGHT_RECEIVE},
	{"__netif_receive_skb_core", SIGHT_RECEIVE},
	{"skb_do_redirect", SIGHT_REDIRECT},
	{"ip_rcv", SIGHT_IP_RCV},
	{"ipv6_rcv", SIGHT_IP_RCV},
	{"ip_forward", SIGHT_FORWARD},
	{"ip6_forward", SIGHT_FORWARD},
	{"__br_forward", SIGHT_BRIDGE},
	{"nf_hook_slow", SIGHT_NETFILTER},
};

struct device {
	uint32_t netns, ifindex; /* ifindex 0: none */
	const char *netns_name;	 /* borrowed */
	char ifname[16];
};

/* One event of the flow, as far as it matters. */
struct item {
	struct witness w; /* but for what identifies it, and orig */
	uint64_t pkt;
	enum sight sight;
};

/* What one packet of the trace was seen to do so far. */
struct course {
	uint64_t pkt; /* 0: a free place */
	bool reverse, has_echo;
	uint16_t echo_id, echo_seq;
	bool started, crossed;	 /* has the two below been looked for */
	bool by_netkit;		 /* left its pod through netkit */
	struct device pod, host; /* where it left its pod, and what took it there */
	struct device out;	 /* the last other host device it was transmitted on */
	struct device far_host, far_pod;
	/* while filing */
	struct device received; /* on its last reception, not transmitted since */
	bool redirected;	/* entered skb_do_redirect there */
	bool left;		/* was seen outside its pod */
	uint16_t generation;	/* times it left its pod, but for the first */
};

struct recorded {
	struct st_flow flow;
	struct item *items; /* owned */
	size_t n_items, cap_items;
	struct course *courses; /* owned; open addressing by packet */
	size_t n_courses, cap_courses;
};

static enum sight sight_of(const struct event *ev)
{
	if (ev->source == ST_SRC_KFREE)
		return event_frees_part(ev) ? SIGHT_NONE : SIGHT_DROP;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (symbol_is(ev->func, functions[i].func))
			return functions[i].sight;
	return SIGHT_NONE;
}

/* 0: source to destination, 1: the reverse, -1: another flow. */
static int direction(const struct st_flow *f, const struct tuple *t)
{
	size_t bytes = f->family == 4 ? 4 : 16;

	if (t->family != f->family)
		return -1;
	if (memcmp(t->src, f->src_be, bytes) == 0 && memcmp(t->dst, f->dst_be, bytes) == 0)
		return 0;
	return memcmp(t->src, f->dst_be, bytes) == 0 && memcmp(t->dst, f->src_be, bytes) == 0 ? 1 : -1;
}

static bool is_echo_of(const struct tuple *t, int reverse)
{
	if (t->l4 == IPPROTO_ICMP)
		return t->icmp_type == (reverse ? 0 : 8);
	return t->icmp_type == (reverse ? 129 : 128);
}

/* What the headers do not say, as in a later fragment, does not speak against it. */
static bool is_of_flow(const struct st_flow *f, const struct tuple *t, int reverse)
{
	if (t->has_l4 && t->l4 != f->l4)
		return false;
	if (t->has_icmp)
		return is_echo_of(t, reverse);
	return !f->port_be || !t->has_ports || ntohs(f->port_be) == (reverse ? t->sport : t->dport);
}

static struct course *course_place(struct course *all, size_t cap, uint64_t pkt)
{
	size_t at = (pkt * 0x9e3779b97f4a7c15ull >> 32) & (cap - 1); /* Fibonacci hashing */

	while (all[at].pkt && all[at].pkt != pkt)
		at = (at + 1) & (cap - 1);
	return &all[at];
}

static int grow_courses(struct recorded *r)
{
	size_t cap = r->cap_courses ? r->cap_courses * 2 : 64;
	struct course *all = calloc(cap, sizeof(*all));

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < r->cap_courses; i++) {
		if (r->courses[i].pkt)
			*course_place(all, cap, r->courses[i].pkt) = r->courses[i];
	}
	free(r->courses);
	r->courses = all;
	r->cap_courses = cap;
	return 0;
}

/* NULL: -ENOMEM. Valid until the next call. */
static struct course *find_course(struct recorded *r, uint64_t pkt, bool reverse)
{
	struct course *c;

	if ((r->n_courses + 1) * 2 > r->cap_courses && grow_courses(r) < 0)
		return NULL;
	c = course_place(r->courses, r->cap_courses, pkt);
	if (!c->pkt) {
		*c = (struct course){.pkt = pkt, .reverse = reverse};
		r->n_courses++;
	}
	return c;
}

static bool same_device(const struct device *a, const struct device *b)
{
	return a->ifindex && a->netns == b->netns && a->ifindex == b->ifindex;
}

/* A device of the host's is the far pod's only if the packet got into another namespace by it: it may have been routed
 * off the node instead. */
static void learn_far(struct course *c, enum sight sight, const struct device *dev)
{
	if (dev->netns == c->host.netns) {
		if ((sight == SIGHT_XMIT || sight == SIGHT_NETKIT) && !same_device(dev, &c->host))
			c->out = *dev;
	} else if (dev->netns != c->pod.netns) {
		if (c->out.ifindex)
			c->far_host = c->out;
		if (sight == SIGHT_IP_RCV)
			c->far_pod = *dev;
	}
}

/* The devices at both ends, from the first events on. */
static void learn_devices(struct course *c, enum sight sight, const struct device *dev)
{
	if (!dev->ifindex || sight == SIGHT_NETFILTER || sight == SIGHT_DROP)
		return;
	if (!c->started) {
		c->started = true;
		/* __dev_queue_xmit comes before the transmission, on the same device */
		if (sight == SIGHT_XMIT || sight == SIGHT_NETKIT || sight == SIGHT_QUEUE)
			c->pod = *dev;
	}
	if (!c->pod.ifindex)
		return;
	c->by_netkit |= sight == SIGHT_NETKIT && same_device(dev, &c->pod);
	if (c->crossed) {
		if (c->host.ifindex)
			learn_far(c, sight, dev);
		return;
	}
	if (dev->netns == c->pod.netns)
		return;
	c->crossed = true;
	if (sight == SIGHT_RECEIVE || sight == SIGHT_QUEUE || (sight == SIGHT_REDIRECT && c->by_netkit))
		c->host = *dev;
}

static int keep(struct recorded *r, const struct event *ev, enum sight sight, const struct device *dev, int reverse)
{
	if (r->n_items == r->cap_items) {
		size_t cap = r->cap_items ? r->cap_items * 2 : 64;
		struct item *items = reallocarray(r->items, cap, sizeof(*items));

		if (!items)
			return -ENOMEM;
		r->items = items;
		r->cap_items = cap;
	}
	r->items[r->n_items++] = (struct item){
		.pkt = ev->pkt,
		.sight = sight,
		.w =
			{
				.ts_ns = ev->ts_ns,
				.cpu_seq = ev->cpu_seq,
				.cpu = ev->cpu,
				.skb = ev->skb,
				.netns = dev->netns,
				.ifindex = dev->ifindex,
				.reverse = reverse,
				.l4 = r->flow.l4,
				.location = ev->has_location ? ev->location : 0,
				.has_reason = ev->has_reason,
				.drop_reason = ev->drop_reason,
			},
	};
	return 0;
}

int recorded_add(struct recorded *r, const struct event *ev)
{
	enum sight sight = sight_of(ev);
	int reverse = direction(&r->flow, &ev->tuple);
	struct device dev = {0};
	struct course *c;

	if (!ev->pkt || event_is_aside(ev) || sight == SIGHT_NONE || reverse < 0 ||
	    !is_of_flow(&r->flow, &ev->tuple, reverse))
		return 0;
	if (ev->has_dev && ev->has_netns) {
		dev = (struct device){.netns = ev->netns, .ifindex = ev->ifindex, .netns_name = ev->netns_name};
		memcpy(dev.ifname, ev->ifname, sizeof(dev.ifname));
	}
	c = find_course(r, ev->pkt, reverse);
	if (!c)
		return -ENOMEM;
	if (ev->tuple.has_icmp_id && !c->has_echo) {
		c->has_echo = true;
		c->echo_id = ev->tuple.icmp_id;
		c->echo_seq = ev->tuple.icmp_seq;
	}
	learn_devices(c, sight, &dev);
	return keep(r, ev, sight, &dev, reverse);
}

static void take_point(struct recorded_points *ret, enum point p, const struct device *dev)
{
	struct iface *i = &ret->points[p];

	if (!dev->ifindex)
		return;
	if (i->ifindex) {
		ret->several |= i->netns != dev->netns || i->ifindex != dev->ifindex ||
				strncmp(i->ifname, dev->ifname, sizeof(i->ifname)) != 0;
		return;
	}
	*i = (struct iface){.netns = dev->netns, .ifindex = dev->ifindex};
	memcpy(i->ifname, dev->ifname, sizeof(i->ifname));
	ret->netns_name[p] = dev->netns_name;
}

void recorded_find_points(const struct recorded *r, struct recorded_points *ret)
{
	*ret = (struct recorded_points){0};
	/* where a leg begins says most; where one ends stands in for a leg that is not there */
	for (int ends = 0; ends < 2; ends++) {
		for (size_t i = 0; i < r->cap_courses; i++) {
			const struct course *c = &r->courses[i];
			enum leg leg = c->reverse ? LEG_REPLY : LEG_REQUEST;

			if (!c->pkt)
				continue;
			take_point(ret, leg_point(leg, ends ? 3 : 0), ends ? &c->far_pod : &c->pod);
			take_point(ret, leg_point(leg, ends ? 2 : 1), ends ? &c->far_host : &c->host);
		}
	}
	/* both pods have a host side of their own */
	if (ret->points[POINT_SRC_HOST].ifindex &&
	    ret->points[POINT_SRC_HOST].netns == ret->points[POINT_DST_HOST].netns &&
	    ret->points[POINT_SRC_HOST].ifindex == ret->points[POINT_DST_HOST].ifindex)
		ret->several = true;
}

/* The witness as an evidence program would have made it. */
static void identify(const struct course *c, struct witness *w)
{
	w->has_l4 = true;
	if (c->has_echo) {
		w->sport = c->echo_id;
		w->dport = c->echo_seq;
		return;
	}
	/* never taken for an echo: a later fragment of one has neither id nor sequence number */
	w->has_l4 = w->l4 != IPPROTO_ICMP && w->l4 != IPPROTO_ICMPV6;
	w->l4_seq = (uint32_t)c->pkt;
	w->ip_id = c->generation;
}

static enum st_hook hook_of(enum sight sight)
{
	switch (sight) {
	case SIGHT_XMIT:
		return ST_HOOK_XMIT;
	case SIGHT_NETKIT:
		return ST_HOOK_NETKIT;
	case SIGHT_RECEIVE:
		return ST_HOOK_RECEIVE;
	case SIGHT_REDIRECT:
		return ST_HOOK_REDIRECT;
	case SIGHT_IP_RCV:
		return ST_HOOK_IP_RCV;
	case SIGHT_FORWARD:
		return ST_HOOK_FORWARD;
	case SIGHT_BRIDGE:
		return ST_HOOK_BRIDGE;
	case SIGHT_NETFILTER:
		return ST_HOOK_NETFILTER;
	case SIGHT_DROP:
		return ST_HOOK_DROP;
	case SIGHT_NONE:
	case SIGHT_QUEUE:
		break;
	}
	return ST_HOOK_MAX;
}

/* Where the packet is in its way, and with it the device that IP input would have been told as orig_dev. Whether the
 * sight means what its function says: a redirect without the reception before it would pass for a plain one. */
static bool follow(struct course *c, enum sight sight, struct witness *w)
{
	struct device dev = {.netns = w->netns, .ifindex = w->ifindex};

	if (!dev.ifindex)
		return true;
	c->left |= dev.netns != c->pod.netns;
	switch (sight) {
	case SIGHT_XMIT:
	case SIGHT_NETKIT:
		if (c->left && same_device(&dev, &c->pod)) {
			c->left = false;
			c->generation++;
		}
		c->received = (struct device){0};
		break;
	case SIGHT_QUEUE:
		c->received = (struct device){0};
		break;
	case SIGHT_RECEIVE:
		c->received = dev;
		c->redirected = false;
		break;
	case SIGHT_REDIRECT:
		c->redirected = same_device(&c->received, &dev);
		return c->redirected;
	case SIGHT_IP_RCV:
		if (!c->received.ifindex || (!c->redirected && !same_device(&c->received, &dev)))
			break;
		w->orig_netns = c->received.netns;
		w->orig_ifindex = c->received.ifindex;
		break;
	default:
		break;
	}
	return true;
}

/* The entry of netkit_xmit stands for the transmission as well. */
static void note_armed(enum st_hook hook, struct check_setup *setup)
{
	setup->armed[hook] = true;
	setup->armed[ST_HOOK_XMIT] |= hook == ST_HOOK_NETKIT;
}

int recorded_file(struct recorded *r, struct flow *f)
{
	/* no verdict leans on its silence here: redirect_peer is shown by what is seen, see above */
	f->setup.armed[ST_HOOK_PEER] = true;
	if (r->n_items)
		f->setup.armed_ns = r->items[0].w.ts_ns;
	for (size_t i = 0; i < r->n_items; i++) {
		struct item *item = &r->items[i];
		struct course *c = course_place(r->courses, r->cap_courses, item->pkt);
		enum st_hook hook = hook_of(item->sight);
		int err;

		if (!follow(c, item->sight, &item->w) || hook == ST_HOOK_MAX)
			continue;
		identify(c, &item->w);
		item->w.hook = hook;
		note_armed(hook, &f->setup);
		err = flow_add(f, &item->w);
		if (err < 0)
			return err;
	}
	return 0;
}

int recorded_new(const struct st_flow *flow, struct recorded **ret)
{
	struct recorded *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->flow = *flow;
	*ret = r;
	return 0;
}

void recorded_free(struct recorded *r)
{
	if (!r)
		return;
	free(r->items);
	free(r->courses);
	free(r);
}
