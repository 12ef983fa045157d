/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The steps in which the kernel frees an sk_buff (net/core/skbuff.c, 5.10 to 7.2), in the order in which they run for
 * one skb. A probe fires at a function's entry, so a step's event still belongs to the packet that dies.
 */
#pragma once

#include "event/event.h"

enum death_step {
	DEATH_NONE,    /* not a step: the packet lives */
	DEATH_DECIDED, /* the last reference is gone: the kfree_skb tracepoint and its like */
	DEATH_BEGIN,
	DEATH_RELEASE,
	DEATH_HEAD_STATE,
	DEATH_DESTRUCTOR, /* skb->destructor; also runs when a living skb is orphaned */
	DEATH_DATA,	  /* also when a living skb gets a new head */
	DEATH_HEAD,	  /* likewise */
	DEATH_FINAL,	  /* the sk_buff itself goes: the next event at this address is another packet's */
};

struct death {
	enum death_step step;
	bool certain; /* the step happens to dying packets only */
};

struct death event_death(const struct event *ev);
