/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows: packets with the same two ends and protocol, in both directions; also an echo's request and reply. Memory is
 * allocated once. When it is full, all flows are forgotten, and counted; a number is never used again.
 */
#pragma once

#include "base/cleanup.h"
#include "event/event.h"

#define FLOWS_DEFAULT 4096u

struct flows;

struct flow_member {
	uint64_t flow;	  /* from 1; 0: the tuple has no addresses */
	bool reverse;	  /* against the direction of the flow's first packet */
	uint64_t request; /* of an echo reply: its request, if that is one of the flow's last; 0: none */
};

/* 0, -EINVAL (max_flows is 0) or -ENOMEM; *ret is left alone on failure. */
int flows_new(size_t max_flows, struct flows **ret);
void flows_free(struct flows *f);
DEFINE_CLEANUP(struct flows *, flows_free)

/* Finds the flow of packet pkt, or makes it. Call it once for a packet, when its tuple is complete. */
struct flow_member flows_assign(struct flows *f, uint64_t pkt, const struct tuple *t);
/* Flows that were forgotten: their later packets get a new number. */
uint64_t flows_forgotten(const struct flows *f);
