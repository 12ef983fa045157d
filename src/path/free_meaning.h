/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What it means that an skb was freed. The kernel frees with kfree_skb() much that it has used, and with consume_skb()
 * some that it lost: both are told here by the place, where that has one meaning only. What is not in the tables is
 * what the kernel calls it.
 */
#pragma once

#include "event/event.h"
#include "path/stages.h"

/* What one skb went through, as far as it decides what its free means: bits. */
enum free_mark {
	FREE_TIMEWAIT = 1 << 0,	    /* TCP looked at it for a connection in TIME_WAIT */
	FREE_RESET = 1 << 1,	    /* TCP answered it with a reset */
	FREE_ICMP6_USED = 1 << 2,   /* its ICMPv6 message was acted on */
	FREE_MC_SOURCE = 1 << 3,    /* it is for a group of this host: its source was looked at */
	FREE_SOCKET_QUEUE = 1 << 4, /* it was in a socket's receive queue: of no function, see queues.h */
};
/* For stages_new_from(): each row's stage is a mark. The last row's funcs is NULL. */
extern const struct stage_row free_mark_table[];

/* Why the drop (event_is_drop()) of an skb with the marks seen lost nothing; NULL: it may have. One line, lower case,
 * no full stop. */
const char *free_is_harmless(const struct event *ev, uint32_t seen);
/* Why the packet was lost, though the kernel calls it used. ev: an event of the free. after: the last function before
 * it that did something with the skb, NULL: unknown. NULL: it was not lost, as far as is known. */
const char *free_is_loss(const struct event *ev, const char *after);
/* Whether a drop at this place only says that nobody else wants a packet that a raw socket has taken. */
bool free_is_of_original(const struct event *ev);
