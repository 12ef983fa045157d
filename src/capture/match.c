/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/match.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

static bool between(const struct packet *p, const uint32_t *src_be, const uint32_t *dst_be)
{
	size_t bytes = p->family == 4 ? 4 : 16;

	return memcmp(p->src_be, src_be, bytes) == 0 && memcmp(p->dst_be, dst_be, bytes) == 0;
}

/* Echo requests count one way, replies the other; TCP and UDP by the destination's port. */
static bool l4_fits(const struct packet *p, const struct st_flow *flow, bool reverse)
{
	uint16_t service = reverse ? p->sport : p->dport;

	if (p->l4 == IPPROTO_ICMP)
		return p->icmp_type == (reverse ? ICMP_ECHOREPLY : ICMP_ECHO);
	if (p->l4 == IPPROTO_ICMPV6)
		return p->icmp_type == (reverse ? ICMP6_ECHO_REPLY : ICMP6_ECHO_REQUEST);
	return !flow->port_be || ntohs(flow->port_be) == service;
}

enum match packet_match(const struct packet *p, const struct st_flow *flow, struct witness *ret)
{
	bool reverse;

	if (p->family != flow->family)
		return MATCH_NO;
	reverse = !between(p, flow->src_be, flow->dst_be);
	if (reverse && !between(p, flow->dst_be, flow->src_be))
		return MATCH_NO;
	if (p->l4_cut && (!p->l4 || p->l4 == flow->l4))
		return MATCH_CUT;
	if (p->l4 != flow->l4 || (p->has_l4 && !l4_fits(p, flow, reverse)))
		return MATCH_NO;
	*ret = (struct witness){
		.reverse = reverse,
		.has_l4 = p->has_l4,
		.l4 = p->l4,
		.icmp_type = p->icmp_type,
		.tcp_flags = p->tcp_flags,
		.sport = p->sport,
		.dport = p->dport,
		.payload_bytes = p->payload_bytes,
		.ip_id = p->ip_id,
		.frag_off = p->frag_off,
		/* without an L4 header the field is free, and tells IPv6 datagrams apart */
		.l4_seq = p->has_l4 ? p->l4_seq : p->fragment_id,
	};
	return MATCH_YES;
}
