/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/recorded_role.h"

#include "base/cleanup.h"
#include "base/symbol.h"

/* Names in kernels 5.10 to 7.2: net/core/dev.c, net/core/filter.c, drivers/net/veth.c, drivers/net/netkit.c, net/ipv4,
 * net/ipv6. */
static const struct recorded_function {
	const char *func;
	unsigned role, depth;
} functions[] = {
	{"dev_hard_start_xmit", ST_HOOK_XMIT, 0},
	{"veth_xmit", ST_HOOK_VETH, 1},
	{"netkit_xmit", ST_HOOK_NETKIT, 0},
	{"__dev_queue_xmit", ROLE_QUEUE, 0},
	{"dev_queue_xmit", ROLE_QUEUE, 0},
	{"__dev_forward_skb", ROLE_INPUT, 0},
	{"__dev_forward_skb2", ROLE_INPUT, 0},
	{"dev_forward_skb", ROLE_INPUT, 0},
	{"__bpf_redirect", ROLE_INPUT, 0},
	{"netif_rx", ROLE_INPUT, 0},
	{"__netif_rx", ROLE_INPUT, 0},
	{"netif_rx_ni", ROLE_INPUT, 0},
	{"netif_rx_internal", ROLE_INPUT, 0},
	{"enqueue_to_backlog", ROLE_INPUT, 0},
	/* these may still leave the packet to another CPU, which receives it */
	{"netif_receive_skb", ROLE_INPUT, 0},
	{"netif_receive_skb_internal", ROLE_INPUT, 0},
	{"__netif_receive_skb", ST_HOOK_RECEIVE, 0},
	{"__netif_receive_skb_one_core", ST_HOOK_RECEIVE, 1},
	{"__netif_receive_skb_core", ST_HOOK_RECEIVE, 2},
	{"skb_do_redirect", ST_HOOK_REDIRECT, 0},
	{"ip_rcv", ST_HOOK_IP_RCV, 0},
	{"ipv6_rcv", ST_HOOK_IP_RCV, 0},
	{"ip_forward", ST_HOOK_FORWARD, 0},
	{"ip6_forward", ST_HOOK_FORWARD, 0},
	{"__br_forward", ST_HOOK_BRIDGE, 0},
	{"nf_hook_slow", ST_HOOK_NETFILTER, 0},
};

static const struct recorded_function *find(const struct event *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		if (symbol_is(ev->func, functions[i].func))
			return &functions[i];
	}
	return NULL;
}

unsigned recorded_role(const struct event *ev)
{
	const struct recorded_function *f;

	if (ev->source == ST_SRC_KFREE)
		return event_is_drop(ev) ? ST_HOOK_DROP : ROLE_NONE;
	f = find(ev);
	return f ? f->role : ROLE_NONE;
}

unsigned recorded_depth(const struct event *ev)
{
	const struct recorded_function *f = ev->source == ST_SRC_KFREE ? NULL : find(ev);

	return f ? f->depth : 0;
}
