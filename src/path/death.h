/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The steps in which the kernel frees an sk_buff (net/core/skbuff.c, 5.10 to 7.2), in the order in which they run for
 * one skb. A probe fires at a function's entry, so the event of a step still belongs to the packet that dies.
 */
#pragma once

#include "event/event.h"

enum death_step {
	DEATH_NONE,    /* no such step */
	DEATH_DECIDED, /* the last reference is gone: the tracepoint kfree_skb, or kfree_skb_partial */
	DEATH_BEGIN,
	DEATH_RELEASE,
	DEATH_HEAD_STATE,
	DEATH_DESTRUCTOR, /* skb->destructor; also runs when a living skb is orphaned */
	DEATH_DATA,	  /* also when a living skb gets a new head */
	DEATH_HEAD,	  /* also when a living skb gets a new head */
	DEATH_FINAL,	  /* the sk_buff itself is freed: the next event at its address is another packet's */
};

struct death {
	enum death_step step;
	bool certain; /* only dying packets take this step */
};

struct death event_death(const struct event *ev);
