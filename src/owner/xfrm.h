/* SPDX-License-Identifier: GPL-2.0-only */
/* The IPsec policies of a namespace, as the kernel tells them by netlink (linux/xfrm.h). Pure. */
#pragma once

#include "event/event.h"
#include "net/nlmsg.h"
#include "owner/truth.h"

struct ipsec_policy {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t dir;	/* XFRM_POLICY_* */
	bool blocks;	/* else it lets through what its templates allow */
	bool unknown;	/* it asks for a mark or an interface id */
	unsigned templates;
	uint32_t priority;
	uint8_t src[16], dst[16];		       /* network byte order */
	uint8_t src_bits, dst_bits, proto;	       /* proto 0: any */
	uint16_t sport, sport_mask, dport, dport_mask; /* host byte order */
};

struct ipsec_policy_list {
	struct ipsec_policy *v; /* owned, in the kernel's order */
	size_t n;
};

/* Takes a policy; skips other messages. For nl_parse(); ctx: struct ipsec_policy_list. */
int xfrm_parse_message(void *ctx, uint16_t type, struct rd *payload);
/* Whether the policy is for this packet. */
enum truth xfrm_matches(const struct ipsec_policy *p, const struct tuple *t);

struct out;
/* "dir in action block: src 10.0.0.1/32 dst 10.0.0.2/32 proto udp dport 53", as ip-xfrm(8) has it. */
void xfrm_policy_text(const struct ipsec_policy *p, struct out *o);
