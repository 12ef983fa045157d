/* SPDX-License-Identifier: GPL-2.0-only */
/* Which packet an event belongs to: numbers from 1, stable across clones and reallocations of the head. */
#pragma once

#include "base/cleanup.h"
#include "event/event.h"

/* skbs remembered at a time by default: about 3 MB, far more than are in flight in anything a person reads. */
#define IDENT_SKBS_DEFAULT 16384u

struct ident;

/* Memory for max_skbs (at least 1) is taken once; nothing grows. -EINVAL, -ENOMEM; *ret is left alone on failure. */
int ident_new(size_t max_skbs, struct ident **ret);
void ident_free(struct ident *id);
DEFINE_CLEANUP(struct ident *, ident_free)

/* The number of the event's packet; 0 if the event has no skb. Events must come in the order of their time; func,
 * addr, source, skb, head, proto, has_dev and tuple are looked at, nothing is kept of the event's pointers. */
uint64_t ident_assign(struct ident *id, const struct event *ev);

/* Packets numbered so far. */
uint64_t ident_packets(const struct ident *id);
/* skbs forgotten while their packet may still have been alive: its later events got a new number. */
uint64_t ident_evicted(const struct ident *id);
