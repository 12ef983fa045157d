/* SPDX-License-Identifier: GPL-2.0-only */
/* What is read of a network namespace to name the owner of a drop. What could not be read is marked as such. */
#pragma once

#include "net/link.h"
#include "owner/fib.h"
#include "owner/filter.h"
#include "owner/ipt.h"
#include "owner/nft.h"
#include "owner/qdisc.h"
#include "owner/sockets.h"
#include "owner/xfrm.h"

/* Settings that decide of packets; per device and for all of them. */
enum node_sysctl {
	SYSCTL_FORWARDING,
	SYSCTL_RP_FILTER,
	SYSCTL_ACCEPT_LOCAL,
	SYSCTL_ROUTE_LOCALNET,
	SYSCTL_FORWARDING6,
	SYSCTL_MAX,
};
/* Its path below /proc/sys/net/FAMILY/conf/DEVICE, and the family's name. */
const char *node_sysctl_name(enum node_sysctl s);
const char *node_sysctl_family(enum node_sysctl s);

struct sysctl_value {
	bool known;
	int value;
};

struct neighbour {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t addr[16];
	uint32_t ifindex;
	uint16_t state; /* NUD_* */
};

struct neighbour_list {
	struct neighbour *v; /* owned */
	size_t n;
};
/* Takes an entry of a neighbour table; skips other messages. For nl_parse(); ctx: struct neighbour_list. */
int neighbour_parse_message(void *ctx, uint16_t type, struct rd *payload);

struct node_state {
	bool has_nft, has_iptables, has_fib, has_links, has_qdiscs, has_filters, has_sockets, has_policies,
		has_conntrack, has_neighbours;
	struct nft_ruleset nft;
	struct legacy_tables iptables; /* of both families */
	struct fib fib;
	struct net_tables links;			      /* of the namespace, sorted */
	struct sysctl_value all[SYSCTL_MAX], dev[SYSCTL_MAX]; /* dev: of the packet's device */
	struct socket_list sockets;
	struct ipsec_policy_list policies;
	struct qdisc_list qdiscs;
	struct tc_filter_list filters; /* that may drop, of clsact and ingress qdiscs */
	struct neighbour_list neighbours;
	uint64_t conntrack_count, conntrack_max;
	const struct node_state *before; /* at the beginning of the trace; NULL: not read then. Borrowed */
};
void node_state_clear(struct node_state *s);
/* The name of a device; "" unknown. */
const char *node_ifname(const struct node_state *s, uint32_t ifindex);
