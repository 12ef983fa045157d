/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events kept back until it is known what becomes of their packet, and handed over packet by packet: only of packets
 * that die, or as one block per packet, or sorted.
 *
 * A packet has ended when every sk_buff that was seen of it was freed. Memory is bounded: where there is no room, what
 * was not touched for the longest time goes, and that is counted.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "event/event.h"

#define HELD_BYTES_DEFAULT (128u << 20)
#define HELD_EVENTS_MAX	   4096u /* of one packet; the oldest go first */

struct held_opts {
	bool drops_only;  /* hand over at the drop, forget what ends otherwise */
	bool all_at_once; /* where there is no room everything is handed over in order, not the oldest packet */
	uint64_t idle_ns; /* over after this long without an event; 0: never */
	size_t max_bytes; /* 0: HELD_BYTES_DEFAULT */
	/* Events of one packet in the order of time, and how many before them were let go. A negative return ends the
	 * hand-over and is passed on. */
	int (*on_packet)(void *ctx, const struct event *const *events, size_t n, uint64_t n_before);
	void *ctx;
};

struct held_counters {
	uint64_t packets;     /* handed over */
	uint64_t forgotten;   /* drops_only: packets let go for want of room before their end was seen */
	uint64_t early;	      /* otherwise: packets handed over for want of room */
	uint64_t lost_events; /* of packets that had too many */
};

struct held;

/* -ENOMEM; *ret is left alone on failure. */
int held_new(const struct held_opts *opts, struct held **ret);
void held_free(struct held *h);
DEFINE_CLEANUP(struct held *, held_free)

/* Takes a copy. An event without a packet is handed over at once, or with drops_only only if it is a drop. 0, -ENOMEM,
 * or what on_packet returned. */
int held_add(struct held *h, const struct event *ev);
/* Hands over (or forgets, with drops_only) what was idle at that time. Likewise. */
int held_expire(struct held *h, uint64_t now_ns);
/* Hands over all, by packet; with drops_only there is nothing to hand over. Likewise. */
int held_flush(struct held *h);
void held_counters(const struct held *h, struct held_counters *ret);

/* A packet died in this event, as far as anyone knows: no copy of it was delivered, it was no part of another, and the
 * kernel gives no reason that is none. */
bool event_is_loss(const struct event *ev);
