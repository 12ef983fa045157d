/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Collects events into packets. A packet is analysed and handed over when it is over: it was idle for some time, its
 * room is needed, or the trace ended. Use it like this for a trace or a recording:
 *
 * 	packets_new(&opts, &packets);
 * 	for each event, in the order of time: packets_add(packets, &event);
 * 	in a trace, now and then: packets_expire(packets, now_ns);
 * 	at the end: packets_flush(packets);
 *
 * Memory is bounded; what did not fit is counted.
 */
#pragma once

#include "path/packet.h"

struct packets_opts {
	size_t max_packets; /* collected at a time; 0: PACKETS_MAX_DEFAULT */
	size_t max_steps;   /* of one packet; 0: PACKET_STEPS_DEFAULT */
	uint64_t idle_ns;  /* a packet is over after this long without an event; 0: never. In a queue, ten times as long
			    */
	bool losses_first; /* packet.losses_first */
	/* Gets a packet, which is valid until the call returns. The packets of one call of ours come in the order of
	 * their numbers. A negative return ends the hand-over and is passed on. */
	int (*on_packet)(void *ctx, const struct packet *p);
	void *ctx;
};
#define PACKETS_MAX_DEFAULT  4096u
#define PACKET_STEPS_DEFAULT 1024u
#define PACKETS_IDLE_NS	     UINT64_C(1000000000) /* for idle_ns in a trace */

struct packets_counters {
	uint64_t packets;    /* handed over */
	uint64_t no_packet;  /* events without a packet's number, which are ignored */
	uint64_t lost_steps; /* events of packets that had too many */
	uint64_t early; /* packets handed over early, for want of room: their later events count as another packet */
	uint64_t forgotten_flows; /* flows that were forgotten: their later packets count as another flow */
};

struct packets;

/* 0 or -ENOMEM; *ret is left alone on failure. */
int packets_new(const struct packets_opts *opts, struct packets **ret);
void packets_free(struct packets *ps);
DEFINE_CLEANUP(struct packets *, packets_free)

/* 0, -ENOMEM, or what on_packet returned. */
int packets_add(struct packets *ps, const struct event *ev);
/* Hands over packets that are idle at that time (CLOCK_MONOTONIC). 0, -ENOMEM, or what on_packet returned. */
int packets_expire(struct packets *ps, uint64_t now_ns);
/* Hands over all packets. 0, -ENOMEM, or what on_packet returned. */
int packets_flush(struct packets *ps);
void packets_counters(const struct packets *ps, struct packets_counters *ret);
