/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows: packets with the same two ends and protocol, both directions together, and an echo's request and reply.
 * Memory is taken once. When it is full all flows are forgotten, and counted; numbers are never given twice.
 */
#pragma once

#include "base/cleanup.h"
#include "event/event.h"

#define FLOWS_DEFAULT 4096u

struct flows;

struct flow_tie {
	uint64_t flow;	  /* from 1; 0: the tuple has no addresses */
	bool reverse;	  /* against the direction of the flow's first packet */
	uint64_t request; /* an echo reply's request, if it is among the flow's last ones; 0 none */
};

/* -EINVAL (none), -ENOMEM; *ret is left alone on failure. */
int flows_new(size_t max_flows, struct flows **ret);
void flows_free(struct flows *f);
DEFINE_CLEANUP(struct flows *, flows_free)

/* Finds or makes the flow of packet pkt. Call it once per packet, when its tuple says all it will. */
struct flow_tie flows_tie(struct flows *f, uint64_t pkt, const struct tuple *t);
/* Flows whose later packets get a new number. */
uint64_t flows_forgotten(const struct flows *f);
