/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. The rules are written as text, for --print-rules and for the engine alike, so that what is shown
 * is what is judged. A packet of the flow becomes steps: one for each point where it was seen, by the function of the
 * hook that sees it there, and one for what carried it. Which packets count, and which mechanism is the plainest
 * account of one, is decided in legs.c; here they are counted. Presence is asked for by `count … >= 1`, which has no
 * order: records of different CPUs may come in any. That it left its pod is the one `expect`, so that the engine leaves
 * a packet out that was under way when the probes were armed, as flow.c does.
 */
#include "check/builtin.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rules/engine.h"
#include "rules/parse.h"

static const char *const aliases[POINT_MAX] = {
	[POINT_SRC_POD] = "src-pod",
	[POINT_SRC_HOST] = "src-host",
	[POINT_DST_HOST] = "dst-host",
	[POINT_DST_POD] = "dst-pod",
};

/* Stand-ins for the engine's own use: documentation addresses, RFC 5737. */
static const struct builtin_names anonymous = {.src = "192.0.2.1", .dst = "192.0.2.2", .proto = "icmp"};
static const struct tuple tuples[LEG_MAX] = {
	[LEG_REQUEST] = {.family = 4, .src = {192, 0, 2, 1}, .dst = {192, 0, 2, 2}, .has_l4 = true, .l4 = IPPROTO_ICMP},
	[LEG_REPLY] = {.family = 4, .src = {192, 0, 2, 2}, .dst = {192, 0, 2, 1}, .has_l4 = true, .l4 = IPPROTO_ICMP},
};

static _printf_(2, 3) int append(struct buf *b, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return buf_append(b, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* A name in a comment, without what could end it or steer a terminal. */
static void plain(const char *name, char *ret, size_t size)
{
	size_t i = 0;

	for (; i < size - 1 && name[i]; i++)
		ret[i] = name[i] > ' ' && name[i] < '\x7f' ? name[i] : '?';
	ret[i] = '\0';
}

static int append_point(const struct check_setup *setup, const struct builtin_names *names, enum point p, struct buf *b)
{
	const struct iface *i = &setup->points[p];
	char ifname[64], where[64];

	plain(i->ifname, ifname, sizeof(ifname));
	plain(names->where[p] ? names->where[p] : "", where, sizeof(where));
	return append(b, "let %-8s = iface index:%u netns inode:%u  # %s%s%s\n", aliases[p], i->ifindex, i->netns,
		      ifname, where[0] ? " in " : "", where);
}

/* Where, and by which function, a packet that is carried so is seen. */
static const char *mechanism_func(enum mechanism m)
{
	switch (m) {
	case MECH_REDIRECT_PEER:
	case MECH_REDIRECT:
		return "skb_do_redirect";
	case MECH_HOST_STACK:
		return "ip_forward";
	case MECH_BRIDGE:
		return "__br_forward";
	case MECH_NETKIT:
		return "netkit_xmit";
	case MECH_UNKNOWN:
	case MECH_MAX:
		break;
	}
	return "*";
}

/* The redirect to the peer is seen when it returns: the packet is on the far device then. */
static enum point mechanism_point(enum mechanism m, enum leg leg)
{
	return leg_point(leg, m == MECH_REDIRECT_PEER ? 3 : m == MECH_NETKIT ? 0 : 1);
}

/* What the rules call the hooks that are there once for each IP version. */
static const char *input_func(bool v6)
{
	return v6 ? "ipv6_rcv" : "ip_rcv";
}

static const char *carrier_func(enum mechanism m, bool v6)
{
	return m == MECH_HOST_STACK && v6 ? "ip6_forward" : mechanism_func(m);
}

/* Nothing else than what is expected carried the packet. */
static int append_forbidden(const struct check_setup *setup, enum leg leg, bool v6, struct buf *b)
{
	int r;

	if (setup->expect == MECH_REDIRECT_PEER)
		return append(b, "  forbid net_dev_start_xmit|netif_receive_skb|skb_do_redirect|%s on $%s\n",
			      input_func(v6), aliases[leg_forbidden(leg)]);
	if (setup->expect != MECH_REDIRECT)
		return 0;
	r = append(b, "  forbid skb_do_redirect on $%s  # by redirect_peer\n", aliases[leg_point(leg, 3)]);
	return r < 0 ? r
		     : append(b, "  forbid %s on $%s\n", carrier_func(MECH_HOST_STACK, v6), aliases[leg_point(leg, 1)]);
}

static int append_leg(const struct check_setup *setup, const struct builtin_names *names, enum leg leg, struct buf *b)
{
	const char *src = leg == LEG_REQUEST ? names->src : names->dst;
	const char *dst = leg == LEG_REQUEST ? names->dst : names->src;
	bool v6 = strchr(src, ':');
	int r = append(b, "\npacket %s %s -> %s %s\n", leg_name(leg), src, dst, names->proto);

	if (r >= 0)
		r = append(b, "  expect net_dev_start_xmit on $%s\n", aliases[leg_point(leg, 0)]);
	/* netkit hands the packet on inside its own transmit: the near host device never receives it */
	if (r >= 0 && setup->expect != MECH_NETKIT)
		r = append(b, "  count netif_receive_skb on $%s >= 1\n", aliases[leg_point(leg, 1)]);
	if (r >= 0)
		r = append(b, "  count netif_receive_skb|skb_do_redirect|%s on $%s >= 1\n", input_func(v6),
			   aliases[leg_point(leg, 3)]);
	if (r >= 0)
		r = append(b, "  count %s on $%s >= 1  # %s\n", carrier_func(setup->expect, v6),
			   aliases[mechanism_point(setup->expect, leg)], mechanism_name(setup->expect));
	return r < 0 ? r : append_forbidden(setup, leg, v6, b);
}

int builtin_rules(const struct check_setup *setup, const struct builtin_names *names, struct buf *ret)
{
	int r = append(ret, "# check same-node, by the hooks of its evidence programs\n");

	for (enum point p = 0; r >= 0 && p < POINT_MAX; p++)
		r = append_point(setup, names, p, ret);
	for (enum leg leg = 0; r >= 0 && leg < LEG_MAX; leg++)
		r = append_leg(setup, names, leg, ret);
	return r;
}

static void feed(struct engine *e, const struct flow *f, const struct step *step, const char *func, enum point p)
{
	struct step s = *step;

	s.func = func;
	s.netns = f->setup.points[p].netns;
	s.ifindex = f->setup.points[p].ifindex;
	s.has_netns = s.has_dev = true;
	engine_step(e, &s);
}

static void feed_packet(struct engine *e, const struct flow *f, const struct flow_packet *p, uint64_t number)
{
	static const char *const funcs[POINT_MAX] = {"net_dev_start_xmit", "netif_receive_skb", "net_dev_start_xmit",
						     "ip_rcv"};
	enum leg leg = flow_packet_leg(p);
	struct step step = {.ts_ns = 1, .pkt = number, .tuple = &tuples[leg]};
	enum mechanism m = flow_packet_mechanism(p);

	for (unsigned i = 0; i < POINT_MAX; i++) {
		if (flow_packet_at(p, leg_point(leg, i)))
			feed(e, f, &step, funcs[i], leg_point(leg, i));
	}
	if (flow_packet_arrived(p) && m != MECH_UNKNOWN)
		feed(e, f, &step, mechanism_func(m), mechanism_point(m, leg));
}

/* In the order of append_leg(). */
static void fill_leg(const struct check_setup *setup, const struct rules_result *r, enum leg leg,
		     struct builtin_leg *ret)
{
	const struct rule_result *at = &r->results[r->rules->scopes[leg].first_rule];

	*ret = (struct builtin_leg){.left = (at++)->satisfied};
	ret->received = setup->expect == MECH_NETKIT ? UINT64_MAX : (at++)->satisfied;
	ret->arrived = (at++)->satisfied;
	ret->carried = (at++)->satisfied;
	if (setup->expect == MECH_REDIRECT_PEER)
		ret->crossed = at->violated;
}

static int run_engine(const struct flow *f, const struct rules *rules, struct builtin_leg ret[LEG_MAX])
{
	_cleanup_(rules_result_clear) struct rules_result result = {0};
	_cleanup_(engine_freep) struct engine *e = NULL;
	struct engine_opts opts = {.max_packets = f->n_packets + 1, .enough_packets = UINT64_MAX};
	int r = engine_new(rules, &opts, &e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < f->n_packets; i++) {
		if (flow_packet_counts(&f->packets[i]))
			feed_packet(e, f, &f->packets[i], i + 1);
	}
	r = engine_finish(e, &(struct engine_account){.end_ns = UINT64_MAX}, &result);
	for (enum leg leg = 0; r >= 0 && leg < LEG_MAX; leg++)
		fill_leg(&f->setup, &result, leg, &ret[leg]);
	return r;
}

int builtin_judge(const struct flow *f, struct builtin_leg ret[LEG_MAX])
{
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_buf_ struct buf text = {0};
	struct rules_error error;
	int r = builtin_rules(&f->setup, &anonymous, &text);

	if (r >= 0)
		r = rules_parse(text.data, text.len, &rules, &error);
	return r < 0 ? r : run_engine(f, rules, ret);
}
