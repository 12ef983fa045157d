/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers packets from 1; a packet keeps its number when it is copied or cut, and when its head is reallocated. */
#pragma once

#include "base/cleanup.h"
#include "event/event.h"

/* skbs remembered at a time by default: about 3 MB, far more than are in flight in any trace that people read. */
#define IDENT_SKBS_DEFAULT 16384u

struct packet_numbers;

/* Allocates all memory, for max_skbs (at least 1). 0, -EINVAL or -ENOMEM; *ret is left alone on failure. */
int packet_number_new(size_t max_skbs, struct packet_numbers **ret);
void packet_number_free(struct packet_numbers *id);
DEFINE_CLEANUP(struct packet_numbers *, packet_number_free)

/* The number of the event's packet; 0 if the event has no skb. Events must come in the order of time. Uses func,
 * addr, source, skb, head, proto, has_dev, tuple and prog, and keeps none of the event's pointers. */
uint64_t packet_number_assign(struct packet_numbers *id, const struct event *ev);

/* The event is ST_SRC_COPY: the skb at ev->copy is the same packet from here on. */
void packet_number_copy(struct packet_numbers *id, const struct event *ev);

/* Packets numbered so far. */
uint64_t packet_number_packets(const struct packet_numbers *id);
/* skbs that were forgotten while their packet may have been alive: its later events got a new number. */
uint64_t packet_number_evicted(const struct packet_numbers *id);
