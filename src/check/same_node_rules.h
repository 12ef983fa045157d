/* SPDX-License-Identifier: GPL-2.0-only */
/* The same-node check as rules: what it asserts of each packet, in the language of skbtrail-rules(5). */
#pragma once

#include "base/buf.h"
#include "check/sequence.h"

/* How the flow is written in the rules. All strings are borrowed. */
struct same_node_rules_names {
	const char *src, *dst; /* addresses */
	const char *proto;     /* "icmp" */
	uint16_t port;	       /* of the destination; 0: any */
	/* Whether this kernel can trace the function; rules may not name one that it cannot. By enum sequence_kind; of
	 * the kinds SEQ_BRIDGE, SEQ_NETKIT and SEQ_VETH, the others are always there. */
	bool has[SEQ_KIND_MAX];
	const char *where[POINT_MAX]; /* each point's namespace, for a comment; NULL: unknown */
};

/* Appends the rules for the setup's points and the mechanism it expects. Functions in them are the names of the
 * evidence programs' hooks. 0 or -ENOMEM. */
int same_node_rules(const struct check_setup *setup, const struct same_node_rules_names *names, struct buf *ret);
