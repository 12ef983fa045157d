/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads what is needed of a network namespace to name the owner of a drop. Nothing is changed by it: no module is
 * loaded, no table is created, no counter is reset. */
#pragma once

#include "net/netns.h"
#include "owner/state.h"

#define NODE_NFT	(1u << 0)
#define NODE_FIB	(1u << 1)
#define NODE_LINKS	(1u << 2)
#define NODE_SYSCTLS	(1u << 3) /* of all devices together, and of one */
#define NODE_QDISCS	(1u << 4)
#define NODE_NEIGHBOURS (1u << 5)
#define NODE_CONNTRACK	(1u << 6)
#define NODE_FILTERS	(1u << 8) /* with NODE_QDISCS */
#define NODE_SOCKETS	(1u << 9)
#define NODE_POLICIES	(1u << 10) /* of IPsec */
#define NODE_IPTABLES	(1u << 7)  /* the older ones */

/* Reads parts (NODE_*) into *ret, which is empty before; what cannot be read has its has_* unset. device: for
 * NODE_SYSCTLS; NULL: none. 0, or the errors of rtnl_open(): nothing could be read. The caller frees *ret also then. */
int node_read(const struct netns *ns, unsigned parts, const char *device, struct node_state *ret);
/* Reads the settings of another device into ret->dev. */
int node_read_device(const struct netns *ns, const char *device, struct node_state *ret);
