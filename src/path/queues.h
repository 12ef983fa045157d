/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In which queue a packet is when a function was the last that it was seen in. The functions are those behind which
 * nothing else is called with the packet until it leaves the queue. queues.c has them.
 */
#pragma once

#include "path/stages.h"

enum queue {
	QUEUE_NONE,
	QUEUE_SOCKET, /* a socket's receive queue: the packet is delivered */
	QUEUE_TAP,    /* a packet socket's */
	QUEUE_SENDER, /* TCP's own, of what it sends: a copy is on its way, or waits for its turn */
	QUEUE_OUT_OF_ORDER,
	QUEUE_SOCKET_BACKLOG,
	QUEUE_NEIGHBOUR,
	QUEUE_PROXY_ARP,
	QUEUE_QDISC,
	QUEUE_NFQUEUE,
	QUEUE_FRAGMENTS,
	QUEUE_XFRM_STATE,
	QUEUE_XFRM_CRYPTO,
	QUEUE_WIREGUARD,
	QUEUE_TUN,
	QUEUE_DRIVER,
	QUEUE_NAPI,
	QUEUE_GRO,
	QUEUE_BACKLOG,
	QUEUE_WORKER,
	QUEUE_MROUTE,
	QUEUE_LIST, /* somebody's list: the function does not tell whose */
	QUEUE_MAX,
};

/* What a packet waits for in it, for people: lower case, no full stop; NULL: it does not wait, or that is not known. */
const char *queue_wait(enum queue queue);
/* Whether a packet may well be in it for seconds, and then come back to the kernel's code. */
bool queue_is_slow(enum queue queue);
/* For JSON: lower case, words joined with _; NULL for QUEUE_NONE. */
const char *queue_key(enum queue queue);

/* For stages_new_from(): each row's stage is an enum queue. The last row's funcs is NULL. */
extern const struct stage_row queue_table[];
