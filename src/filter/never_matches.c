/* SPDX-License-Identifier: GPL-2.0-only */
#include "filter/never_matches.h"

#include <netinet/in.h>

static bool has_ports(uint8_t l4)
{
	return l4 == IPPROTO_TCP || l4 == IPPROTO_UDP || l4 == IPPROTO_UDPLITE || l4 == IPPROTO_SCTP ||
	       l4 == IPPROTO_DCCP;
}

/* Whether all values are of this family. */
static bool is_only(const struct match_prefixes *p, uint8_t family)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (p->v[i].family != family)
			return false;
	}
	return p->n;
}

static bool has_family(const struct event_match *m, uint8_t family)
{
	return is_only(&m->src, family) || is_only(&m->dst, family) || is_only(&m->any, family);
}

static bool is_disjoint(const struct match_ports *a, const struct match_ports *b)
{
	for (unsigned i = 0; i < a->n; i++) {
		for (unsigned k = 0; k < b->n; k++) {
			if (a->v[i] == b->v[k])
				return false;
		}
	}
	return a->n && b->n;
}

const char *event_match_never(const struct event_match *m)
{
	if (has_family(m, 4) && has_family(m, 6))
		return "no packet has an IPv4 and an IPv6 address";
	if (m->l4 == IPPROTO_ICMP && has_family(m, 6))
		return "IPv6 has no icmp, but icmp6";
	if (m->l4 == IPPROTO_ICMPV6 && has_family(m, 4))
		return "IPv4 has no icmp6, but icmp";
	if (m->l4 && !has_ports(m->l4) && (m->sport.n || m->dport.n || m->port.n))
		return "this protocol has no ports";
	if (is_disjoint(&m->port, &m->sport) && is_disjoint(&m->port, &m->dport))
		return "no packet has three ports";
	return NULL;
}
