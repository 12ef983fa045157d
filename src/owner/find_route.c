/* SPDX-License-Identifier: GPL-2.0-only */
/* Routing: net/ipv4/route.c, ip_route_input_slow(), fib_validate_source(), ip_error(); net/ipv6/ip6_output.c,
 * ip6_forward(); net/ipv6/route.c, ip6_pkt_drop(). */
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/symbol.h"
#include "event/tuple.h"
#include "owner/list.h"
#include "render/out/escape.h"

static void add_sysctl(struct owner_list *l, enum node_sysctl sysctl, const char *device, int value, const char *why)
{
	_cleanup_out_ struct out o = {0}, path = {0};
	struct owner *w;

	out_str(&path, "net.");
	out_str(&path, node_sysctl_family(sysctl));
	out_str(&path, ".conf.");
	out_escaped_word(&path, device);
	out_char(&path, '.');
	out_str(&path, node_sysctl_name(sysctl));
	out_append(&o, &path);
	out_str(&o, " is ");
	out_i64(&o, value);
	out_str(&o, why);
	out_char(&path, '\0');
	w = owner_add(l, OWNER_SYSCTL, &o);
	owner_text(l, w, "name", path.failed ? "" : path.buf.data);
	owner_text(l, w, "device", device);
	owner_number(l, w, "value", (uint64_t)value);
}

static void query_of(const struct event *ev, struct fib_query *ret)
{
	const struct tuple *t = &ev->tuple;

	*ret = (struct fib_query){
		.family = t->family == 6 ? AF_INET6 : AF_INET,
		.iif = ev->has_dev ? ev->ifname : "lo",
		.mark = ev->mark,
		.has_l4 = t->has_l4,
		.l4 = t->l4,
		.has_ports = t->has_ports,
		.sport = t->sport,
		.dport = t->dport,
	};
	memcpy(ret->src, t->src, sizeof(ret->src));
	memcpy(ret->dst, t->dst, sizeof(ret->dst));
}

/* The error that the kernel gives for a rule's action, or a route's type: net/ipv4/fib_rules.c, fib4_rule_action();
 * net/ipv4/fib_semantics.c, fib_props; net/ipv6/route.c, ip6_rt_init_dst_reject(). 0: it is a route to somewhere. */
static int error_of(const struct fib_result *r)
{
	uint8_t type = r->route ? r->route->type : r->rule ? r->rule->action : 0;

	switch (type) {
	case RTN_BLACKHOLE:
		return EINVAL;
	case RTN_UNREACHABLE:
		return r->route && r->route->family == AF_INET ? EHOSTUNREACH : ENETUNREACH;
	case RTN_PROHIBIT:
		return EACCES;
	default:
		return r->rule ? 0 : ENETUNREACH;
	}
}

/* Whether the route that the packet had says the same. */
static bool agrees(const struct event *ev, const struct fib_result *r)
{
	int error = error_of(r);

	if (!error)
		return false;
	if (!event_has_part(ev, ST_PART_ROUTE) || !ev->parts->route.error)
		return true;
	return abs(ev->parts->route.error) == error;
}

static void destination(const struct event *ev, struct out *o)
{
	char text[ADDR_TEXT_SIZE];

	out_mem(o, text, addr_format(ev->tuple.family, ev->tuple.dst, text));
}

static void add_route(const struct event *ev, const struct fib_result *r, struct owner_list *l)
{
	_cleanup_out_ struct out o = {0}, text = {0};
	struct owner *w;

	if (!r->rule) {
		out_str(&o, "no route to ");
		destination(ev, &o);
		out_str(&o, " in the tables that ip rule names");
		owner_add(l, OWNER_NO_ROUTE, &o);
		return;
	}
	if (r->route)
		fib_route_text(r->route, &text);
	else
		fib_rule_text(r->rule, &text);
	out_str(&o, r->route ? "route " : "ip rule ");
	out_append(&o, &text);
	out_char(&text, '\0');
	w = owner_add(l, r->route ? OWNER_ROUTE : OWNER_IP_RULE, &o);
	owner_text(l, w, r->route ? "route" : "rule", text.failed ? "" : text.buf.data);
	owner_text(l, w, "type", fib_type_name(r->route ? r->route->type : r->rule->action));
	owner_number(l, w, r->route ? "table" : "priority", r->route ? r->route->table : r->rule->priority);
}

static bool is_off(const struct sysctl_value *v)
{
	return v->known && v->value == 0;
}

/* Whether a device's forwarding is off, which comes before the routes; adds it then. */
static bool add_forwarding(const struct event *ev, const struct node_state *s, struct owner_list *l)
{
	bool v6 = ev->tuple.family == 6;
	enum node_sysctl sysctl = v6 ? SYSCTL_FORWARDING6 : SYSCTL_FORWARDING;
	bool all = is_off(&s->all[sysctl]);

	if (v6 ? !all : !is_off(&s->dev[sysctl]))
		return false;
	if (all)
		add_sysctl(l, sysctl, "all", 0, v6 ? "" : " (net.ipv4.ip_forward)");
	else
		add_sysctl(l, sysctl, ev->ifname, 0, "");
	return true;
}

void owner_find_route(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	const struct event *ev = f->ev;
	struct fib_result r;
	struct fib_query q;

	if (!ev->tuple.family || !s->has_fib)
		return;
	if (ev->drop_symbol && symbol_is(ev->drop_symbol, "ip_error") && ev->has_dev && add_forwarding(ev, s, l))
		return;
	query_of(ev, &q);
	fib_lookup(&s->fib, &q, &r);
	if (r.known && agrees(ev, &r))
		add_route(ev, &r, l);
}

static bool is_loopback(const uint8_t addr[static 16])
{
	return addr[0] == 127;
}

static bool is_on(const struct node_state *s, enum node_sysctl sysctl)
{
	return (s->all[sysctl].known && s->all[sysctl].value) || (s->dev[sysctl].known && s->dev[sysctl].value);
}

/* rp_filter: the route back must exist, and if it is 1 it must lead to the device that the packet came from. */
static void find_rp_filter(const struct event *ev, const struct node_state *s, const struct fib_result *back,
			   struct owner_list *l)
{
	_cleanup_out_ struct out why = {0};
	int all = s->all[SYSCTL_RP_FILTER].value, dev = s->dev[SYSCTL_RP_FILTER].value;
	bool elsewhere = back->route && back->route->type == RTN_UNICAST && !back->route->several &&
			 back->route->oif != ev->ifindex;
	bool none = !back->rule || error_of(back);

	if (!s->dev[SYSCTL_RP_FILTER].known || !s->all[SYSCTL_RP_FILTER].known || (!all && !dev))
		return;
	if (!none && !(elsewhere && (all > dev ? all : dev) == 1))
		return;
	out_str(&why, ": the route back to the source ");
	if (none) {
		out_str(&why, "is missing");
	} else {
		out_str(&why, "leads to ");
		out_escaped_word(&why, node_ifname(s, back->route->oif));
	}
	out_char(&why, '\0');
	if (!why.failed)
		add_sysctl(l, SYSCTL_RP_FILTER, dev >= all ? ev->ifname : "all", dev >= all ? dev : all, why.buf.data);
}

void owner_find_source(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	const struct event *ev = f->ev;
	struct fib_result back;
	struct fib_query q;

	if (ev->tuple.family != 4 || !ev->has_dev || !s->has_fib)
		return;
	if (is_loopback(ev->tuple.src) || is_loopback(ev->tuple.dst)) {
		if (!is_on(s, SYSCTL_ROUTE_LOCALNET) && s->dev[SYSCTL_ROUTE_LOCALNET].known)
			add_sysctl(l, SYSCTL_ROUTE_LOCALNET, ev->ifname, 0, ": 127.0.0.0/8 is for this host only");
		return;
	}
	query_of(ev, &q);
	memcpy(q.dst, ev->tuple.src, sizeof(q.dst));
	memcpy(q.src, ev->tuple.dst, sizeof(q.src));
	q.mark = 0; /* without src_valid_mark, which is off by default */
	q.iif = NULL;
	q.has_l4 = q.has_ports = false;
	fib_lookup(&s->fib, &q, &back);
	if (!back.known)
		return;
	if (back.route && back.route->type == RTN_LOCAL) {
		if (!is_on(s, SYSCTL_ACCEPT_LOCAL) && s->dev[SYSCTL_ACCEPT_LOCAL].known)
			add_sysctl(l, SYSCTL_ACCEPT_LOCAL, ev->ifname, 0,
				   ": the source is an address of this namespace");
		return;
	}
	find_rp_filter(ev, s, &back, l);
}

void owner_find_forward(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	const struct event *ev = f->ev;
	_cleanup_out_ struct out o = {0};
	struct headers h;
	uint8_t ttl;

	if (!ev->tuple.family)
		return;
	if (ev->tuple.family == 6 && add_forwarding(ev, s, l))
		return;
	headers_of(ev, &h);
	if (!header_read(&h.network, ev->tuple.family == 6 ? 7 : 8, 1, &ttl) || ttl > 1)
		return;
	out_str(&o, ev->tuple.family == 6 ? "its hop limit of " : "its TTL of ");
	out_u64(&o, ttl);
	out_str(&o, " ran out here");
	owner_number(l, owner_add(l, OWNER_TTL, &o), "ttl", ttl);
}
