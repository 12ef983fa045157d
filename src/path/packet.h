/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One packet's way through the kernel: every event of it as a step, and what the steps mean. packets.h makes these.
 *
 * Times are CLOCK_MONOTONIC or differences of it, in nanoseconds. Functions, symbols and reasons are borrowed from
 * the events: they live as long as the trace's or recording's caches. Names of namespaces and interfaces are copied.
 */
#pragma once

#include "event/event.h"
#include "path/stages.h"

#define PACKET_PLACES_MAX 32 /* devices a packet is told apart on; what lies beyond shares the last one */
#define PACKET_COPIES_MAX 16 /* skbs of one packet told apart; likewise */
#define PLACE_NAME_LEN	  64 /* of a namespace's name, with the NUL */
#define PACKET_DROPS_MAX  4  /* drops remembered of one packet; the last stays the last */

struct path_place {
	bool has_netns, has_dev;
	uint32_t netns; /* inode */
	uint32_t ifindex;
	char netns_name[PLACE_NAME_LEN]; /* raw bytes, cut; "" unknown */
	char ifname[ST_IFNAME_LEN];	 /* raw bytes */
};

/* One event. */
struct path_step {
	uint64_t ts_ns;
	const char *func; /* NULL: no symbol at addr */
	uint64_t addr;
	uint8_t stage; /* enum stage; STAGE_NONE: not in the table. Never STAGE_WITHIN once analysed */
	uint8_t place; /* in packet.places */
	uint8_t copy;  /* number of the skb within the packet, from 0 */
	bool helper;   /* the stage is not its own but the one it was called in */
	bool dropped;  /* the kfree_skb tracepoint */
};

struct path_drop {
	size_t step;
	bool has_location, has_reason;
	uint64_t location;
	const char *symbol; /* NULL unknown */
	uint64_t offset;
	uint32_t reason;
	const char *reason_name; /* NULL unknown */
	const char *after;	 /* the function it was in before it was dropped; NULL unknown */
};

/* Steps after each other in one stage, place and copy. A function without a stage is a run of its own. */
struct path_run {
	size_t first, count;  /* steps */
	uint64_t duration_ns; /* until the same copy's next run, or its last step */
	uint8_t stage, place, copy;
};

/* How a packet came to the place of a hop. */
enum path_transition {
	TRANSITION_NONE, /* the first hop */
	TRANSITION_VETH,
	TRANSITION_NETKIT,
	TRANSITION_REDIRECT,
	TRANSITION_REDIRECT_PEER,
	TRANSITION_FORWARD,
	TRANSITION_BRIDGE,
	TRANSITION_TUNNEL,
	TRANSITION_COPY,   /* another skb of this packet is there */
	TRANSITION_NETNS,  /* namespace changed, nothing tells how */
	TRANSITION_DEVICE, /* device changed, likewise */
	TRANSITION_MAX,
};
/* As shown to people ("veth", "bpf_redirect_peer"); "" for none. */
const char *transition_name(enum path_transition t);

/* Runs after each other at one place. */
struct path_hop {
	size_t first, count; /* runs */
	uint8_t place;
	enum path_transition into;
};

enum packet_end {
	PACKET_ALIVE,	  /* its end was not seen */
	PACKET_DELIVERED, /* a socket has it */
	PACKET_CONSUMED,  /* freed after its purpose was served: answered, acknowledged, sent by a device */
	PACKET_DROPPED,
	PACKET_END_MAX,
};
const char *packet_end_name(enum packet_end end);

struct packet {
	uint64_t pkt;		 /* the trace's number */
	struct tuple tuple;	 /* the first that says the most */
	bool unfinished;	 /* up to now its sender was still writing it */
	struct tuple last_tuple; /* after translation, if it is another one: see translated */
	bool translated;
	uint16_t proto;	    /* EtherType */
	uint32_t len_bytes; /* the largest seen */
	uint32_t pid;	    /* of the first event: who sent it */
	char comm[ST_COMM_LEN];

	uint64_t flow;	      /* number of the flow, from 1; 0 unknown. Packets of both directions share it */
	bool reverse;	      /* against the direction of the flow's first packet */
	uint64_t answers;     /* packet that this one is the echo reply to; 0 none or not seen */
	uint64_t answered_by; /* 0 none or not seen */

	struct path_step *steps; /* owned, in the order of time */
	size_t n_steps, cap_steps;
	uint64_t lost_steps; /* events there was no room for */
	struct path_place places[PACKET_PLACES_MAX];
	uint64_t skbs[PACKET_COPIES_MAX]; /* address by copy */
	unsigned n_places, n_copies;
	struct path_drop drops[PACKET_DROPS_MAX];
	unsigned n_drops;

	/* packet_analyse()'s: */
	struct path_run *runs; /* owned */
	struct path_hop *hops; /* owned */
	size_t n_runs, n_hops;
	enum packet_end end;
	size_t end_step;   /* where it was delivered, consumed, dropped or last seen */
	unsigned drop;	   /* with PACKET_DROPPED: which of drops */
	uint64_t total_ns; /* from the first step to end_step */
	bool has_wait;
	size_t wait_from, wait_to; /* the two steps of one copy that lie the furthest apart */
	size_t wait_run;	   /* the run that was waited in */
	uint64_t wait_ns;
};

/* Adds one step. 0; -ENOSPC if max_steps are there already (counted in lost_steps), -ENOMEM. */
int packet_add(struct packet *p, const struct event *ev, const struct stages *stages, size_t max_steps);
/* Works out places, stages, runs, hops and the end, once, when all steps are there. -ENOMEM. */
int packet_analyse(struct packet *p);
/* The last function up to the end that is neither a helper nor a part of freeing it; NULL unknown. */
const char *packet_last_func(const struct packet *p);
/* Frees what it owns; not the struct. */
void packet_clear(struct packet *p);
