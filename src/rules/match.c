/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/match.h"

#include <netinet/in.h>
#include <string.h>

#include "rules/engine.h"

static enum match both(enum match a, enum match b)
{
	if (a == MATCH_NO || b == MATCH_NO)
		return MATCH_NO;
	return a == MATCH_YES && b == MATCH_YES ? MATCH_YES : MATCH_UNKNOWN;
}

static enum match sure(bool yes)
{
	return yes ? MATCH_YES : MATCH_NO;
}

static enum match match_netns(const struct device_pattern *p, const struct step *s, const struct match_context *ctx)
{
	if (p->netns_kind == NETNS_ANY)
		return MATCH_YES;
	if (!s->has_netns)
		return MATCH_UNKNOWN;
	switch (p->netns_kind) {
	case NETNS_NAME:
		return sure(s->netns_name && glob_match(p->netns_name, s->netns_name));
	case NETNS_INODE:
		return sure(s->netns == p->netns);
	case NETNS_HOST:
		if (ctx->host_netns)
			return sure(s->netns == ctx->host_netns);
		/* a recording names the host's namespace so */
		return s->netns_name ? sure(strcmp(s->netns_name, "host") == 0) : MATCH_UNKNOWN;
	case NETNS_CAPTURED:
		return sure(s->netns == ctx->captures[p->capture].netns);
	case NETNS_ANY:
		break;
	}
	return MATCH_YES;
}

/* Never unknown: a packet without a device is on no interface. */
static bool match_iface(const struct device_pattern *p, const struct step *s, const struct match_context *ctx)
{
	if (p->iface_kind == IFACE_ANY)
		return true;
	if (!s->has_dev)
		return false;
	switch (p->iface_kind) {
	case IFACE_NAME:
		return s->ifname && glob_match(p->ifname, s->ifname);
	case IFACE_INDEX:
		return s->ifindex == p->ifindex;
	case IFACE_CAPTURED:
		return s->ifindex == ctx->captures[p->capture].ifindex;
	case IFACE_ANY:
		break;
	}
	return true;
}

/* The pattern may match NAMESPACE/NAME or only NAME. */
static enum match match_pod(const struct device_pattern *p, const struct step *s)
{
	const char *slash;

	if (!p->pod)
		return MATCH_YES;
	if (!s->has_netns)
		return MATCH_UNKNOWN;
	if (!s->pod)
		return MATCH_NO;
	slash = strchr(s->pod, '/');
	return sure(glob_match(p->pod, s->pod) || (slash && glob_match(p->pod, slash + 1)));
}

/* A drop without a known reason (none has one before 5.17) may have any reason. */
static enum match match_drop(const char *pattern, const struct step *s)
{
	if (!pattern)
		return MATCH_YES;
	/* any reason is one of a loss; one that is named is that, whether or not something was lost */
	if (glob_match(pattern, "") ? !s->lost : !s->dropped)
		return MATCH_NO;
	if (s->drop_reason)
		return sure(glob_match(pattern, s->drop_reason));
	return glob_match(pattern, "") ? MATCH_YES : MATCH_UNKNOWN;
}

enum match match_step(const struct step_pattern *p, const struct step *s, const struct match_context *ctx)
{
	enum match m;

	if (p->device.capture != RULES_NO_CAPTURE && !ctx->captures[p->device.capture].set)
		return MATCH_NO;
	if (p->direction != STEP_ANY_DIRECTION && (p->direction == STEP_REVERSE) != ctx->reverse)
		return MATCH_NO;
	if (!match_iface(&p->device, s, ctx) || !glob_match_func(p->func, s->func ? s->func : ""))
		return MATCH_NO;
	m = both(match_netns(&p->device, s, ctx), match_pod(&p->device, s));
	return both(m, match_drop(p->drop, s));
}

static bool in_prefix(const struct prefix *p, uint8_t family, const uint8_t *addr_be)
{
	uint8_t mask_be[16];

	if (!p->family)
		return true;
	if (p->family != family)
		return false;
	prefix_mask(p, mask_be);
	for (size_t i = 0; i < (family == 4 ? 4 : 16); i++) {
		if ((addr_be[i] & mask_be[i]) != p->addr_be[i])
			return false;
	}
	return true;
}

static bool match_ports(const struct packet_match *m, const struct tuple *t, bool reverse)
{
	uint16_t sport = reverse ? t->dport : t->sport, dport = reverse ? t->sport : t->dport;

	if (!packet_match_has_ports(m))
		return true;
	return t->has_ports && (!m->port || sport == m->port || dport == m->port) && (!m->sport || sport == m->sport) &&
	       (!m->dport || dport == m->dport);
}

bool rules_ask_for_ports_of(const struct rules *rules, const struct tuple *t, bool always)
{
	bool reverse;

	if (t->has_ports || !t->has_l4 || (t->l4 != IPPROTO_TCP && t->l4 != IPPROTO_UDP && t->l4 != IPPROTO_SCTP))
		return false;
	for (size_t i = 0; i < rules->n_scopes; i++) {
		struct packet_match m = rules->scopes[i].match;

		if (!always && !packet_match_has_ports(&m))
			continue;
		m.port = m.sport = m.dport = 0;
		if (match_packet(&m, t, &reverse))
			return true;
	}
	return false;
}

bool match_packet(const struct packet_match *m, const struct tuple *t, bool *ret_reverse)
{
	*ret_reverse = false;
	if (m->l4 && (!t->has_l4 || t->l4 != m->l4))
		return false;
	if (!m->has_addrs)
		return match_ports(m, t, false);
	if (!t->family)
		return false;
	if (in_prefix(&m->src, t->family, t->src) && in_prefix(&m->dst, t->family, t->dst) && match_ports(m, t, false))
		return true;
	*ret_reverse = m->both_directions && in_prefix(&m->src, t->family, t->dst) &&
		       in_prefix(&m->dst, t->family, t->src) && match_ports(m, t, true);
	return *ret_reverse;
}
