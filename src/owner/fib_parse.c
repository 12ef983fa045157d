/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "owner/fib.h"

static uint32_t u32_of(const struct nlattr *a, uint32_t otherwise)
{
	uint32_t v = otherwise;

	if (a && nl_u32(a, &v) < 0)
		return otherwise;
	return v;
}

static int prefix_of(const struct nlattr *a, uint8_t bits, struct fib_prefix *ret)
{
	size_t len = a ? mnl_attr_get_payload_len(a) : 0;

	if (bits > 128 || len > sizeof(ret->addr))
		return -EBADMSG;
	ret->bits = bits;
	if (a)
		memcpy(ret->addr, mnl_attr_get_payload(a), len);
	return 0;
}

static bool ports_of(const struct nlattr *a, uint16_t ret[static 2])
{
	struct fib_rule_port_range range;
	struct rd rd;

	if (!a)
		return false;
	rd = rd_init(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
	if (!rd_copy(&rd, &range, sizeof(range)))
		return false;
	ret[0] = range.start;
	ret[1] = range.end;
	return true;
}

static void parse_selectors(const struct nlattr *const *tb, struct fib_rule *r)
{
	r->has_mark = tb[FRA_FWMASK] || tb[FRA_FWMARK];
	r->mark = u32_of(tb[FRA_FWMARK], 0);
	r->mark_mask = u32_of(tb[FRA_FWMASK], UINT32_MAX);
	r->has_l4 = tb[FRA_IP_PROTO] && mnl_attr_get_payload_len(tb[FRA_IP_PROTO]) == 1;
	if (r->has_l4)
		r->l4 = mnl_attr_get_u8(tb[FRA_IP_PROTO]);
	r->has_sport = ports_of(tb[FRA_SPORT_RANGE], r->sport);
	r->has_dport = ports_of(tb[FRA_DPORT_RANGE], r->dport);
	r->has_suppress = tb[FRA_SUPPRESS_PREFIXLEN] && u32_of(tb[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX) != UINT32_MAX;
	r->suppress = u32_of(tb[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX);
	r->unknown =
		(tb[FRA_TUN_ID] && mnl_attr_get_payload_len(tb[FRA_TUN_ID]) == 8 && mnl_attr_get_u64(tb[FRA_TUN_ID])) ||
		tb[FRA_L3MDEV] || tb[FRA_UID_RANGE] || u32_of(tb[FRA_SUPPRESS_IFGROUP], UINT32_MAX) != UINT32_MAX;
	if (tb[FRA_IIFNAME])
		nl_string(tb[FRA_IIFNAME], r->iif, sizeof(r->iif));
	if (tb[FRA_OIFNAME])
		nl_string(tb[FRA_OIFNAME], r->oif, sizeof(r->oif));
}

static int parse_rule(struct fib *f, struct rd *rd)
{
	const struct nlattr *tb[FRA_MAX + 1];
	struct fib_rule_hdr h;
	struct fib_rule r = {0};
	int e;

	if (!rd_copy(rd, &h, sizeof(h)))
		return -EBADMSG;
	if (h.family != AF_INET && h.family != AF_INET6)
		return 0;
	e = nl_attrs(rd->p, rd->left, tb, FRA_MAX);
	if (e >= 0)
		e = prefix_of(tb[FRA_SRC], h.src_len, &r.src);
	if (e >= 0)
		e = prefix_of(tb[FRA_DST], h.dst_len, &r.dst);
	if (e < 0)
		return e;
	parse_selectors(tb, &r);
	r.family = h.family;
	r.action = h.action;
	r.table = u32_of(tb[FRA_TABLE], h.table);
	r.priority = u32_of(tb[FRA_PRIORITY], 0);
	r.target = u32_of(tb[FRA_GOTO], 0);
	r.invert = h.flags & FIB_RULE_INVERT;
	r.unknown |= h.tos != 0;
	if (ARRAY_GROW(f->rules, f->n_rules) < 0)
		return -ENOMEM;
	f->rules[f->n_rules++] = r;
	return 0;
}

static int parse_route(struct fib *f, struct rd *rd)
{
	const struct nlattr *tb[RTA_MAX + 1];
	struct fib_route r = {0};
	struct rtmsg m;
	size_t len;
	int e;

	if (!rd_copy(rd, &m, sizeof(m)))
		return -EBADMSG;
	if ((m.rtm_family != AF_INET && m.rtm_family != AF_INET6) || m.rtm_flags & RTM_F_CLONED)
		return 0;
	e = nl_attrs(rd->p, rd->left, tb, RTA_MAX);
	if (e >= 0)
		e = prefix_of(tb[RTA_DST], m.rtm_dst_len, &r.dst);
	if (e >= 0)
		e = prefix_of(tb[RTA_SRC], m.rtm_src_len, &r.src);
	if (e < 0)
		return e;
	r.family = m.rtm_family;
	r.type = m.rtm_type;
	r.tos = m.rtm_tos;
	r.dead = m.rtm_flags & RTNH_F_DEAD;
	r.table = u32_of(tb[RTA_TABLE], m.rtm_table);
	r.metric = u32_of(tb[RTA_PRIORITY], 0);
	r.several = tb[RTA_MULTIPATH];
	r.oif = r.several ? 0 : u32_of(tb[RTA_OIF], 0);
	len = tb[RTA_GATEWAY] ? mnl_attr_get_payload_len(tb[RTA_GATEWAY]) : 0;
	r.has_gateway = len && len <= sizeof(r.gateway);
	if (r.has_gateway)
		memcpy(r.gateway, mnl_attr_get_payload(tb[RTA_GATEWAY]), len);
	if (ARRAY_GROW(f->routes, f->n_routes) < 0)
		return -ENOMEM;
	f->routes[f->n_routes++] = r;
	return 0;
}

int fib_parse_message(void *ctx, uint16_t type, struct rd *payload)
{
	if (type == RTM_NEWRULE)
		return parse_rule(ctx, payload);
	return type == RTM_NEWROUTE ? parse_route(ctx, payload) : 0;
}

void fib_free(struct fib *f)
{
	free(f->rules);
	free(f->routes);
	*f = (struct fib){0};
}
