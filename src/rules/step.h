/* SPDX-License-Identifier: GPL-2.0-only */
/* A step: one packet was seen in one function. Rules are held against steps. */
#pragma once

#include "event/event.h"

/* Strings are borrowed for the call; func and drop_reason for as long as the engine lives. NULL: unknown, or none. */
struct step {
	uint64_t ts_ns, pkt; /* pkt: the packet's number, from 1 */
	const char *func, *drop_reason;
	const char *netns_name, *pod, *ifname;
	const struct tuple *tuple;
	uint32_t netns, ifindex;
	bool has_netns; /* false: the namespace is unknown */
	bool has_dev;	/* false: the packet is on no device; true: the namespace is known, too */
	bool dropped;	/* the packet was dropped in this step */
	bool lost;	/* and something was lost by that: no socket took a copy, no queue was closed */
	bool copy;	/* of a copy that was made on the way of a packet of these headers: see engine.h */
};

/* Makes the event a step, with the event's strings. pod: of the event's namespace; NULL: unknown. */
void step_of_event(const struct event *ev, const char *pod, struct step *ret);
