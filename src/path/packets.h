/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events in, packets out. Packets are collected side by side and handed over, analysed, once they are over: nothing
 * happened to them for a while, room is needed, or the trace ended. Serves a live trace and a recording alike:
 *
 *	packets_new(&opts, &packets);
 *	for each event, in the order of time: packets_add(packets, &event);
 *	live, now and then: packets_expire(packets, now_ns);
 *	at the end: packets_flush(packets);
 *
 * Memory is bounded; what did not fit is counted.
 */
#pragma once

#include "path/packet.h"

struct packets_opts {
	size_t max_packets; /* collected at a time; 0: PACKETS_MAX_DEFAULT */
	size_t max_steps;   /* of one packet; 0: PACKET_STEPS_DEFAULT */
	uint64_t idle_ns;   /* over after this long without an event; 0: never */
	/* The packet is the callee's to read until it returns; sorted by number within one call of ours. A negative
	 * return ends the hand-over and is passed on. */
	int (*on_packet)(void *ctx, const struct packet *p);
	void *ctx;
};
#define PACKETS_MAX_DEFAULT  4096u
#define PACKET_STEPS_DEFAULT 1024u
#define PACKETS_IDLE_NS	     UINT64_C(1000000000) /* a good value for idle_ns in a live trace */

struct packets_counters {
	uint64_t packets;	  /* handed over */
	uint64_t no_packet;	  /* events without a packet's number: left out */
	uint64_t lost_steps;	  /* events of packets that had too many */
	uint64_t early;		  /* packets handed over for want of room: what follows of them is a block of its own */
	uint64_t forgotten_flows; /* flows whose later packets count as another one */
};

struct packets;

/* -ENOMEM; *ret is left alone on failure. */
int packets_new(const struct packets_opts *opts, struct packets **ret);
void packets_free(struct packets *ps);
DEFINE_CLEANUP(struct packets *, packets_free)

/* 0; -ENOMEM, or what on_packet returned. */
int packets_add(struct packets *ps, const struct event *ev);
/* Hands over what was idle at that time (CLOCK_MONOTONIC). Likewise. */
int packets_expire(struct packets *ps, uint64_t now_ns);
/* Hands over all. Likewise. */
int packets_flush(struct packets *ps);
void packets_counters(const struct packets *ps, struct packets_counters *ret);
