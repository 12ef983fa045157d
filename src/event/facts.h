/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of a drop beside its reason and its place: of the packet, and of the node at that moment. A likely
 * cause is named only if no fact contradicts it (path/drop_causes.h). Facts of the node are asked for while a trace
 * runs (live/node_facts.h); a replay has none of them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum fact {
	/* of the packet */
	FACT_REASONS,	     /* the kernel gave a reason, if only NOT_SPECIFIED: it has reasons */
	FACT_IPV6,	     /* else IPv4 */
	FACT_PORTS,	     /* TCP, UDP and their like */
	FACT_TCP,	     /* else another protocol */
	FACT_SYN,	     /* opens a TCP connection */
	FACT_ECHO,	     /* ICMP's echo or timestamp request, of IPv4 */
	FACT_CT_BEGINS,	     /* it is at a hook where conntrack begins entries: prerouting, output */
	FACT_TAGGED,	     /* it has or had a VLAN tag */
	FACT_SRC_NO_UNICAST, /* no host may send from its source address: multicast, broadcast, loopback, zero */
	FACT_SRC_LINK_LOCAL, /* its source is fe80::/10 */
	/* of the node: the packet's device, and the device's namespace */
	FACT_MAC_OURS,	    /* its destination MAC address is the device's */
	FACT_DEV_UP,	    /* IFF_UP */
	FACT_DEV_FORWARDS,  /* net.ipv4.conf.DEV.forwarding */
	FACT_FORWARDS,	    /* net.ipv4.ip_forward; IPv6: net.ipv6.conf.all.forwarding */
	FACT_RP_FILTER,	    /* rp_filter of the device or of all is not 0 */
	FACT_RP_STRICT,	    /* the larger of the two is 1 */
	FACT_IPV6_HERE,	    /* the device takes part in IPv6: it has an MTU of 1280 at least */
	FACT_IPV6_DISABLED, /* net.ipv6.conf.DEV.disable_ipv6 */
	FACT_CT_FULL,	    /* conntrack has as many entries as it may have */
	FACT_NO_ROUTE,	    /* what `ip route get DST from SRC iif DEV` finds; one of these five at most */
	FACT_ROUTE_UNREACHABLE,
	FACT_ROUTE_PROHIBIT,
	FACT_ROUTE_BLACKHOLE,
	FACT_ROUTE_FOUND,
	/* counters of the namespace that moved during the trace */
	FACT_MOVED,
	FACT_UDP_NO_PORTS = FACT_MOVED, /* /proc/net/snmp, snmp6 */
	FACT_UDP_IN_CSUM_ERRORS,
	FACT_CT_DROP, /* /proc/net/stat/nf_conntrack */
	FACT_CT_INSERT_FAILED,
	FACT_XFRM_IN_NO_STATES, /* /proc/net/xfrm_stat */
	FACT_XFRM_IN_STATE_PROTO_ERROR,
	FACT_XFRM_IN_STATE_MODE_ERROR,
	FACT_XFRM_IN_STATE_SEQ_ERROR,
	FACT_XFRM_IN_STATE_EXPIRED,
	FACT_XFRM_IN_STATE_MISMATCH,
	FACT_XFRM_IN_STATE_INVALID,
	FACT_XFRM_IN_TMPL_MISMATCH,
	FACT_XFRM_IN_NO_POLS,
	FACT_XFRM_IN_POL_BLOCK,
	FACT_XFRM_OUT_NO_STATES,
	FACT_XFRM_OUT_POL_BLOCK,
	FACT_MAX,
};

#define FACT_BIT(fact) (UINT64_C(1) << (fact))

struct facts {
	uint64_t known, holds;	   /* FACT_BIT()s; holds: only of known ones */
	uint64_t ct_count, ct_max; /* entries of conntrack, and the limit; valid if FACT_CT_FULL is known */
};

static inline void facts_set(struct facts *f, enum fact fact, bool holds)
{
	f->known |= FACT_BIT(fact);
	f->holds = (f->holds & ~FACT_BIT(fact)) | (holds ? FACT_BIT(fact) : 0);
}

/* Leaves in f what is true of both. */
static inline void facts_common(struct facts *f, const struct facts *other)
{
	f->known &= other->known & ~(f->holds ^ other->holds);
	f->holds &= f->known;
}
