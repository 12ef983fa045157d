/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps events until it is known what becomes of their packet, and then hands them over, packet by packet: of dropped
 * packets only, or one block per packet, or sorted.
 *
 * A packet has ended when every sk_buff of it that was seen was freed. Memory is bounded: if there is no room, the
 * packet without an event for the longest time is removed, and counted.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "event/event.h"

#define PACKET_BUFFER_BYTES_DEFAULT (128u << 20)
#define PACKET_BUFFER_EVENTS_MAX    4096u /* of one packet; the oldest events are removed first */

struct packet_buffer_opts {
	bool drops_only;  /* hand a packet over when it is dropped, and forget it if it ends otherwise */
	bool all_at_once; /* if there is no room, hand over everything, in order, and not only the oldest packet */
	uint64_t idle_ns; /* a packet has ended after this long without an event; 0: never */
	size_t max_bytes; /* 0: PACKET_BUFFER_BYTES_DEFAULT */
	/* Gets the events of one packet, in the order of time, and how many before them were removed. A negative return
	 * ends the hand-over and is passed on. */
	int (*on_packet)(void *ctx, const struct event *const *events, size_t n, uint64_t n_before);
	void *ctx;
};

struct packet_buffer_counters {
	uint64_t packets;     /* handed over */
	uint64_t forgotten;   /* with drops_only: packets removed for want of room before they ended */
	uint64_t early;	      /* otherwise: packets handed over early, for want of room */
	uint64_t lost_events; /* events removed from packets that had too many */
};

struct packet_buffer;

/* 0 or -ENOMEM; *ret is left alone on failure. */
int packet_buffer_new(const struct packet_buffer_opts *opts, struct packet_buffer **ret);
void packet_buffer_free(struct packet_buffer *b);
DEFINE_CLEANUP(struct packet_buffer *, packet_buffer_free)

/* Takes a copy of the event. An event without a packet is handed over at once; with drops_only, only if it is a
 * loss. 0, -ENOMEM, or what on_packet returned. */
int packet_buffer_add(struct packet_buffer *b, const struct event *ev);
/* Hands over packets that are idle at that time (CLOCK_MONOTONIC); with drops_only forgets them. 0, or what
 * on_packet returned. */
int packet_buffer_expire(struct packet_buffer *b, uint64_t now_ns);
/* Hands over all packets, by number; with drops_only forgets them. 0, -ENOMEM, or what on_packet returned. */
int packet_buffer_flush(struct packet_buffer *b);
void packet_buffer_counters(const struct packet_buffer *b, struct packet_buffer_counters *ret);
