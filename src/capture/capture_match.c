/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/capture_match.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

static bool between(const struct captured_packet *p, const uint32_t *src_be, const uint32_t *dst_be)
{
	size_t bytes = p->family == 4 ? 4 : 16;

	return memcmp(p->src_be, src_be, bytes) == 0 && memcmp(p->dst_be, dst_be, bytes) == 0;
}

/* Echo requests count in one direction, replies in the other. */
static bool is_echo_of(const struct captured_packet *p, bool reverse)
{
	if (p->l4 == IPPROTO_ICMP)
		return p->icmp_type == (reverse ? ICMP_ECHOREPLY : ICMP_ECHO);
	return p->icmp_type == (reverse ? ICMP6_ECHO_REPLY : ICMP6_ECHO_REQUEST);
}

/* TCP and UDP by the destination's port. */
static bool is_other_port(const struct captured_packet *p, const struct st_flow *flow, bool reverse)
{
	return flow->port_be && ntohs(flow->port_be) != (reverse ? p->sport : p->dport);
}

enum capture_match capture_match_packet(const struct captured_packet *p, const struct st_flow *flow,
					struct hook_event *ret)
{
	bool reverse, other_port = false;

	if (p->family != flow->family)
		return CAPTURE_MATCH_NO;
	reverse = !between(p, flow->src_be, flow->dst_be);
	if (reverse && !between(p, flow->dst_be, flow->src_be))
		return CAPTURE_MATCH_NO;
	if (p->l4_cut && (!p->l4 || p->l4 == flow->l4))
		return CAPTURE_MATCH_CUT;
	if (p->l4 != flow->l4)
		return CAPTURE_MATCH_NO;
	if (p->has_l4 && (p->l4 == IPPROTO_ICMP || p->l4 == IPPROTO_ICMPV6)) {
		if (!is_echo_of(p, reverse))
			return CAPTURE_MATCH_NO;
	} else if (p->has_l4) {
		other_port = is_other_port(p, flow, reverse);
	}
	if (other_port && !p->is_fragment)
		return CAPTURE_MATCH_NO;
	*ret = (struct hook_event){
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
		.l4_seq = p->l4_seq,
		.is_fragment = p->is_fragment,
		.fragment_id = p->fragment_id,
		.other_port = other_port,
	};
	return CAPTURE_MATCH_YES;
}
