/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks the kernel which way a packet would go, as `ip route get` does. Changes nothing. */
#pragma once

#include "net/rtnl.h"

struct route_question {
	struct net_ip src, dst; /* of one family; src may have none */
	uint32_t iif;		/* the device it came in on; 0: it is sent from here */
	uint32_t mark;
	uint8_t l4;	       /* IPPROTO_TCP or _UDP with the ports; else 0 */
	uint16_t sport, dport; /* host byte order */
};

/* 0 with the route's type (RTN_*, linux/rtnetlink.h), or the kernel's error: -ENETUNREACH there is none; -EHOSTUNREACH
 * it is of type unreachable, or IPv4 forwarding is off; -EACCES prohibit; -EINVAL blackhole, or the source cannot be
 * one; -EXDEV rp_filter. -EAFNOSUPPORT: dst has no family. */
int rtnl_get_route(struct rtnl *rtnl, const struct route_question *q, uint8_t *ret_type);
