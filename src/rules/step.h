/* SPDX-License-Identifier: GPL-2.0-only */
/* What rules are held against: one packet was seen in one function. */
#pragma once

#include "event/event.h"

/* Strings are borrowed for the call, func and drop_reason for as long as the engine lives. NULL: unknown, or none. */
struct step {
	uint64_t ts_ns, pkt; /* pkt: number of the packet, from 1 */
	const char *func, *drop_reason;
	const char *netns_name, *pod, *ifname;
	const struct tuple *tuple;
	uint32_t netns, ifindex;
	bool has_netns; /* without: the namespace is unknown */
	bool has_dev;	/* without: the packet is on no device; with it the namespace is known too */
	bool dropped;	/* the packet dies here */
};

/* The event as a step; the strings are the event's. pod: of the event's namespace, or NULL. */
void step_of_event(const struct event *ev, const char *pod, struct step *ret);
