/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/owner.h"

#include <string.h>

#include "base/symbol.h"
#include "owner/list.h"

/* The kernel's reasons (include/net/dropreason-core.h). */
static const struct {
	const char *reason;
	enum owner_topic topic;
} reasons[] = {
	{"NETFILTER_DROP", TOPIC_NETFILTER},
	{"IP_INNOROUTES", TOPIC_ROUTE},
	{"IP_INADDRERRORS", TOPIC_ROUTE},
	{"IP_OUTNOROUTES", TOPIC_ROUTE},
	{"IP_RPFILTER", TOPIC_SOURCE},
	{"IP_LOCAL_SOURCE", TOPIC_SOURCE},
	{"IP_LOCALNET", TOPIC_SOURCE},
	{"QDISC_DROP", TOPIC_QDISC},
	{"TC_INGRESS", TOPIC_TC},
	{"TC_EGRESS", TOPIC_TC},
	{"XDP", TOPIC_XDP},
	{"NEIGH_FAILED", TOPIC_NEIGHBOUR},
	{"NEIGH_QUEUEFULL", TOPIC_NEIGHBOUR},
	{"PKT_TOO_BIG", TOPIC_MTU},
	{"NO_SOCKET", TOPIC_SOCKET},
	{"XFRM_POLICY", TOPIC_XFRM},
};

/* Where the kernel gives no reason, or one that says little: the function that dropped, and the one before. From 5.10
 * to 7.2: net/ipv4/ip_input.c, ip_forward.c, route.c; net/ipv6/ip6_output.c, route.c; net/netfilter/core.c;
 * net/core/dev.c, neighbour.c. */
static const struct {
	const char *symbol, *after; /* after: how its name begins; NULL: any */
	enum owner_topic topic;
} symbols[] = {
	{"nf_hook_slow", NULL, TOPIC_NETFILTER},
	{"ip_error", NULL, TOPIC_ROUTE},
	{"ip6_pkt_drop", NULL, TOPIC_ROUTE},
	{"dst_discard", NULL, TOPIC_ROUTE},
	{"dst_discard_out", NULL, TOPIC_ROUTE},
	{"ip_rcv_finish_core", NULL, TOPIC_SOURCE},
	{"ip_rcv_finish", NULL, TOPIC_SOURCE},
	{"ip_rcv", NULL, TOPIC_SOURCE},
	{"ip_forward", NULL, TOPIC_FORWARD},
	{"ip6_forward", NULL, TOPIC_FORWARD},
	{"__dev_queue_xmit", "tcf_", TOPIC_TC},
	{"__netif_receive_skb_core", "tcf_", TOPIC_TC},
	{"kfree_skb_list", "__dev_queue_xmit", TOPIC_QDISC},
	{"kfree_skb_list", "dev_queue_xmit", TOPIC_QDISC},
	{"kfree_skb_list", "__dev_xmit_skb", TOPIC_QDISC},
	{"arp_error_report", NULL, TOPIC_NEIGHBOUR},
	{"ndisc_error_report", NULL, TOPIC_NEIGHBOUR},
	{"neigh_invalidate", NULL, TOPIC_NEIGHBOUR},
	{"__udp4_lib_rcv", NULL, TOPIC_SOCKET},
	{"__udp6_lib_rcv", NULL, TOPIC_SOCKET},
};

static bool is_unspecified(const char *reason)
{
	return !reason || strcmp(reason, "NOT_SPECIFIED") == 0;
}

/* A reason that several places give, where the place says more. */
static bool is_vague(const char *reason)
{
	return is_unspecified(reason) || strcmp(reason, "IP_INHDR") == 0 || strcmp(reason, "IP_INADDRERRORS") == 0 ||
	       strcmp(reason, "IP_INNOROUTES") == 0;
}

enum owner_topic owner_topic(const struct owner_facts *f)
{
	const char *reason = f->ev->drop_reason_name, *symbol = f->ev->drop_symbol;

	if (f->ev->prog.id)
		return TOPIC_XDP;
	if (f->prog && is_unspecified(reason))
		return TOPIC_TC;
	for (size_t i = 0; symbol && is_vague(reason) && i < ARRAY_SIZE(symbols); i++) {
		if (!symbol_is(symbol, symbols[i].symbol))
			continue;
		if (!symbols[i].after ||
		    (f->after && strncmp(f->after, symbols[i].after, strlen(symbols[i].after)) == 0))
			return symbols[i].topic;
	}
	for (size_t i = 0; reason && i < ARRAY_SIZE(reasons); i++)
		if (strcmp(reason, reasons[i].reason) == 0)
			return reasons[i].topic;
	return TOPIC_NONE;
}

void owner_find(const struct owner_facts *f, const struct node_state *s, struct owner_list *ret)
{
	static void (*const find[TOPIC_MAX])(const struct owner_facts *f, const struct node_state *s,
					     struct owner_list *l) = {
		[TOPIC_NETFILTER] = owner_find_netfilter, [TOPIC_ROUTE] = owner_find_route,
		[TOPIC_SOURCE] = owner_find_source,	  [TOPIC_FORWARD] = owner_find_forward,
		[TOPIC_QDISC] = owner_find_qdisc,	  [TOPIC_TC] = owner_find_tc,
		[TOPIC_XDP] = owner_find_program,	  [TOPIC_MTU] = owner_find_mtu,
		[TOPIC_NEIGHBOUR] = owner_find_neighbour, [TOPIC_SOCKET] = owner_find_socket,
		[TOPIC_XFRM] = owner_find_xfrm,
	};
	enum owner_topic topic = owner_topic(f);

	if (find[topic])
		find[topic](f, s, ret);
}
