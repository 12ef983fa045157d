/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * A field counts only if both tuples have it: early in a packet's life its ports may not be readable yet.
 *
 * NAT rewrites one end of a packet at a time (the destination in prerouting, the source in postrouting), with ports
 * and the ICMP id. It changes neither the protocol nor ICMP type, code and sequence number. So if one end stays the
 * same, it is the same packet. If both ends are exchanged, it is a reply. If both ends are different, a tunnel's outer
 * header was put on or taken off, provided that one of the tuples looks like a tunnel's; otherwise it is another
 * packet. NAT64, which turns one address family into the other in place, is taken for another packet.
 */
#include "path/relation.h"

#include <netinet/in.h>
#include <string.h>

static bool ends_equal(const uint8_t *addr, uint16_t port, const uint8_t *other_addr, uint16_t other_port,
		       bool with_ports)
{
	return memcmp(addr, other_addr, 16) == 0 && (!with_ports || port == other_port);
}

/* VXLAN (RFC 7348, and Linux's older port), Geneve (RFC 8926), ESP in UDP (RFC 3948), and WireGuard's usual port. */
static bool is_tunnel_port(uint16_t port)
{
	return port == 4789 || port == 8472 || port == 6081 || port == 4500 || port == 51820;
}

static bool is_tunnel(const struct tuple *t)
{
	if (!t->has_l4)
		return false;
	switch (t->l4) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
	case IPPROTO_GRE:
	case IPPROTO_ESP:
	case IPPROTO_AH:
	case IPPROTO_COMP:
		return true;
	case IPPROTO_UDP:
		return t->has_ports && (is_tunnel_port(t->dport) || is_tunnel_port(t->sport));
	default:
		return false;
	}
}

/* Whether the ICMP fields differ as no NAT makes them. */
static bool is_other_icmp(const struct tuple *a, const struct tuple *b)
{
	if (a->has_icmp && b->has_icmp && (a->icmp_type != b->icmp_type || a->icmp_code != b->icmp_code))
		return true;
	return a->has_icmp_id && b->has_icmp_id && a->icmp_seq != b->icmp_seq;
}

bool tuple_same_ends(const struct tuple *a, const struct tuple *b)
{
	return a->family && a->family == b->family && a->has_l4 && b->has_l4 && a->l4 == b->l4 &&
	       ends_equal(a->src, 0, b->src, 0, false) && ends_equal(a->dst, 0, b->dst, 0, false);
}

enum relation tuple_relation(const struct tuple *a, const struct tuple *b)
{
	bool ports = a->has_ports && b->has_ports;
	bool icmp_ids = a->has_icmp_id && b->has_icmp_id;
	bool src, dst;

	if (!tuple_has_addrs(a) || !tuple_has_addrs(b))
		return RELATION_UNKNOWN;
	if (a->arp_op && b->arp_op)
		return a->arp_op == b->arp_op && ends_equal(a->src, 0, b->src, 0, false) &&
				       ends_equal(a->dst, 0, b->dst, 0, false)
			       ? RELATION_SAME
			       : RELATION_OTHER;
	if (a->family != b->family || (a->has_l4 && b->has_l4 && a->l4 != b->l4))
		return is_tunnel(a) || is_tunnel(b) ? RELATION_CHANGED : RELATION_OTHER;
	if (is_other_icmp(a, b))
		return RELATION_OTHER;
	src = ends_equal(a->src, a->sport, b->src, b->sport, ports);
	dst = ends_equal(a->dst, a->dport, b->dst, b->dport, ports);
	if (src && dst)
		return !icmp_ids || a->icmp_id == b->icmp_id ? RELATION_SAME : RELATION_CHANGED;
	if (ends_equal(a->src, a->sport, b->dst, b->dport, ports) &&
	    ends_equal(a->dst, a->dport, b->src, b->sport, ports))
		return RELATION_OTHER;
	if (src || dst || is_tunnel(a) || is_tunnel(b))
		return RELATION_CHANGED;
	return RELATION_OTHER;
}
