/* SPDX-License-Identifier: GPL-2.0-only */
#include "filter/never_matches.h"

#include <netinet/in.h>

static bool has_ports(uint8_t l4)
{
	return l4 == IPPROTO_TCP || l4 == IPPROTO_UDP || l4 == IPPROTO_UDPLITE || l4 == IPPROTO_SCTP ||
	       l4 == IPPROTO_DCCP;
}

static bool has_family(const struct event_match *m, uint8_t family)
{
	return m->src.family == family || m->dst.family == family || m->any.family == family;
}

const char *event_match_never(const struct event_match *m)
{
	if (has_family(m, 4) && has_family(m, 6))
		return "no packet has an IPv4 and an IPv6 address";
	if (m->l4 == IPPROTO_ICMP && has_family(m, 6))
		return "IPv6 has no icmp, but icmp6";
	if (m->l4 == IPPROTO_ICMPV6 && has_family(m, 4))
		return "IPv4 has no icmp6, but icmp";
	if (m->l4 && !has_ports(m->l4) && (m->sport || m->dport || m->port))
		return "this protocol has no ports";
	if (m->port && m->sport && m->dport && m->port != m->sport && m->port != m->dport)
		return "no packet has three ports";
	return NULL;
}
