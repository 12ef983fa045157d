/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/fib.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "event/tuple.h"
#include "render/out/escape.h"

#define GOTO_MAX 64

static bool covers(const struct fib_prefix *p, const uint8_t addr[static 16])
{
	size_t whole = p->bits / 8;
	uint8_t mask = (uint8_t)(0xff00 >> p->bits % 8);

	return memcmp(p->addr, addr, whole) == 0 && (whole == 16 || ((p->addr[whole] ^ addr[whole]) & mask) == 0);
}

static enum truth port_in(bool wanted, const uint16_t range[static 2], bool known, uint16_t port)
{
	if (!wanted)
		return TRUTH_YES;
	return known ? truth_of(port >= range[0] && port <= range[1]) : TRUTH_UNKNOWN;
}

static enum truth rule_matches(const struct fib_rule *r, const struct fib_query *q)
{
	enum truth t = truth_of(covers(&r->src, q->src) && covers(&r->dst, q->dst));

	if (r->iif[0])
		t = truth_and(t, q->iif ? truth_of(strcmp(r->iif, q->iif) == 0) : TRUTH_UNKNOWN);
	if (r->oif[0]) /* only packets that a socket binds to a device have one before they are routed */
		t = truth_and(t, q->iif && strcmp(q->iif, "lo") != 0 ? TRUTH_NO : TRUTH_UNKNOWN);
	if (r->has_mark)
		t = truth_and(t, truth_of(((q->mark ^ r->mark) & r->mark_mask) == 0));
	if (r->has_l4)
		t = truth_and(t, q->has_l4 ? truth_of(r->l4 == q->l4) : TRUTH_UNKNOWN);
	t = truth_and(t, port_in(r->has_sport, r->sport, q->has_ports, q->sport));
	t = truth_and(t, port_in(r->has_dport, r->dport, q->has_ports, q->dport));
	if (r->unknown)
		t = truth_and(t, TRUTH_UNKNOWN);
	return r->invert ? truth_not(t) : t;
}

static bool is_better(const struct fib_route *r, const struct fib_route *best)
{
	if (!best || r->dst.bits != best->dst.bits)
		return !best || r->dst.bits > best->dst.bits;
	if (r->src.bits != best->src.bits)
		return r->src.bits > best->src.bits;
	return r->metric < best->metric;
}

static const struct fib_route *longest(const struct fib *f, const struct fib_query *q, uint32_t table)
{
	const struct fib_route *best = NULL;

	for (size_t i = 0; i < f->n_routes; i++) {
		const struct fib_route *r = &f->routes[i];

		if (r->family == q->family && r->table == table && !r->dead && !r->tos && covers(&r->dst, q->dst) &&
		    covers(&r->src, q->src) && is_better(r, best))
			best = r;
	}
	return best;
}

/* Index of the first rule of this priority, n_rules: none. */
static size_t rule_at(const struct fib *f, uint8_t family, uint32_t priority)
{
	size_t i = 0;

	while (i < f->n_rules && (f->rules[i].family != family || f->rules[i].priority != priority))
		i++;
	return i;
}

static bool decides(const struct fib *f, const struct fib_query *q, const struct fib_rule *r, struct fib_result *ret)
{
	const struct fib_route *route;

	if (r->action == FR_ACT_TO_TBL) {
		route = longest(f, q, r->table);
		if (!route || route->type == RTN_THROW || (r->has_suppress && route->dst.bits <= r->suppress))
			return false;
		ret->route = route;
	} else if (r->action < FR_ACT_BLACKHOLE) {
		return false;
	}
	ret->rule = r;
	return true;
}

void fib_lookup(const struct fib *f, const struct fib_query *q, struct fib_result *ret)
{
	unsigned jumps = 0;

	*ret = (struct fib_result){.known = true};
	for (size_t i = 0; i < f->n_rules; i++) {
		const struct fib_rule *r = &f->rules[i];
		enum truth t = r->family == q->family ? rule_matches(r, q) : TRUTH_NO;

		if (t == TRUTH_NO)
			continue;
		if (t == TRUTH_UNKNOWN) {
			ret->known = false;
			return;
		}
		if (r->action == FR_ACT_GOTO && jumps++ < GOTO_MAX) {
			i = rule_at(f, q->family, r->target) - 1; /* the next turn begins there */
			continue;
		}
		if (decides(f, q, r, ret))
			return;
	}
}

const char *fib_type_name(uint8_t type)
{
	static const char *const names[] = {
		[RTN_UNICAST] = "unicast",	   [RTN_LOCAL] = "local",	  [RTN_BROADCAST] = "broadcast",
		[RTN_ANYCAST] = "anycast",	   [RTN_MULTICAST] = "multicast", [RTN_BLACKHOLE] = "blackhole",
		[RTN_UNREACHABLE] = "unreachable", [RTN_PROHIBIT] = "prohibit",	  [RTN_THROW] = "throw",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "?";
}

static void addr_text(uint8_t family, const uint8_t *addr, struct out *o)
{
	char text[ADDR_TEXT_SIZE];

	out_mem(o, text, addr_format(family == AF_INET6 ? 6 : 4, addr, text));
}

static void prefix_text(uint8_t family, const struct fib_prefix *p, struct out *o)
{
	if (p->bits == 0) {
		out_str(o, "default");
		return;
	}
	addr_text(family, p->addr, o);
	if (p->bits == (family == AF_INET6 ? 128 : 32))
		return;
	out_char(o, '/');
	out_u64(o, p->bits);
}

void fib_table_text(uint32_t table, struct out *o)
{
	static const char *const names[] = {"default", "main", "local"};

	if (table >= RT_TABLE_DEFAULT && table <= RT_TABLE_LOCAL)
		out_str(o, names[table - RT_TABLE_DEFAULT]);
	else
		out_u64(o, table);
}

static void ports_text(const char *name, const uint16_t range[static 2], struct out *o)
{
	out_str(o, name);
	out_u64(o, range[0]);
	if (range[1] == range[0])
		return;
	out_char(o, '-');
	out_u64(o, range[1]);
}

static void selectors_text(const struct fib_rule *r, struct out *o)
{
	char l4[L4_TEXT_SIZE];

	out_str(o, r->invert ? "not from " : "from ");
	if (r->src.bits)
		prefix_text(r->family, &r->src, o);
	else
		out_str(o, "all");
	if (r->dst.bits) {
		out_str(o, " to ");
		prefix_text(r->family, &r->dst, o);
	}
	if (r->has_mark) {
		out_str(o, " fwmark ");
		out_hex(o, r->mark);
		if (r->mark_mask != UINT32_MAX) {
			out_char(o, '/');
			out_hex(o, r->mark_mask);
		}
	}
	if (r->iif[0]) {
		out_str(o, " iif ");
		out_escaped_word(o, r->iif);
	}
	if (r->oif[0]) {
		out_str(o, " oif ");
		out_escaped_word(o, r->oif);
	}
	if (r->has_l4) {
		out_str(o, " ipproto ");
		out_mem(o, l4, l4_format(r->l4, l4));
	}
	if (r->has_sport)
		ports_text(" sport ", r->sport, o);
	if (r->has_dport)
		ports_text(" dport ", r->dport, o);
}

void fib_rule_text(const struct fib_rule *r, struct out *o)
{
	out_u64(o, r->priority);
	out_str(o, ": ");
	selectors_text(r, o);
	if (r->action == FR_ACT_TO_TBL) {
		out_str(o, " lookup ");
		fib_table_text(r->table, o);
	} else if (r->action >= FR_ACT_BLACKHOLE && r->action <= FR_ACT_PROHIBIT) {
		out_char(o, ' ');
		out_str(o, fib_type_name(r->action)); /* the same numbers: linux/fib_rules.h, linux/rtnetlink.h */
	}
}

void fib_route_text(const struct fib_route *r, struct out *o)
{
	if (r->type != RTN_UNICAST) {
		out_str(o, fib_type_name(r->type));
		out_char(o, ' ');
	}
	prefix_text(r->family, &r->dst, o);
	if (r->has_gateway) {
		out_str(o, " via ");
		addr_text(r->family, r->gateway, o);
	}
	out_str(o, " table ");
	fib_table_text(r->table, o);
}
