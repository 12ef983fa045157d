/* SPDX-License-Identifier: GPL-2.0-only */
/* What a recorded event says of its packet. */
#pragma once

#include "event/event.h"

/* Roles that are no hook of the evidence programs. */
enum {
	ROLE_QUEUE = ST_HOOK_MAX, /* about to be transmitted */
	ROLE_INPUT,		  /* handed to a device, about to be received */
	ROLE_NONE,
};

/* By the event's function: the hook (enum st_hook) of which an evidence program would make a hook event, or a role
 * above. veth_xmit and netkit_xmit have hooks of their own, and transmit as any driver. */
unsigned recorded_role(const struct event *ev);
/* How deep the event's function is nested in the functions of its kind, from 0, the outermost: __netif_receive_skb
 * calls __netif_receive_skb_one_core, and that calls __netif_receive_skb_core. */
unsigned recorded_depth(const struct event *ev);
