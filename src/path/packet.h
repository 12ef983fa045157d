/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The path of one packet through the kernel: each event is a step, and packet_analyse() finds what the steps mean.
 * packets.h collects packets.
 *
 * Times are CLOCK_MONOTONIC, or differences of it, in nanoseconds. Functions, symbols and reasons are borrowed from
 * the events: they live as long as the caches of the trace or recording. Names of namespaces and interfaces are
 * copied.
 */
#pragma once

#include "event/event.h"
#include "path/queues.h"
#include "path/stages.h"

#define PACKET_DEVICES_MAX 32 /* devices of one packet; further ones share the last entry */
#define PACKET_COPIES_MAX  16 /* skbs of one packet; further ones share the last entry */
#define NETNS_NAME_LEN	   64 /* of a namespace's name, with the NUL */
#define PACKET_DROPS_MAX   16 /* drops of one packet; of further ones the last is kept */

struct path_device {
	bool has_netns, has_dev;
	uint32_t netns; /* inode */
	uint32_t ifindex;
	char netns_name[NETNS_NAME_LEN]; /* raw bytes, truncated; "": unknown */
	char ifname[ST_IFNAME_LEN];	 /* raw bytes */
};

/* A step of a packet: one event. */
struct path_step {
	uint64_t ts_ns;
	const char *func; /* NULL: no symbol at addr */
	uint64_t addr;
	uint8_t stage;	/* enum stage; STAGE_NONE: the table has no such function. Never STAGE_WITHIN after
			   packet_analyse() */
	uint8_t device; /* index in packet.devices */
	uint8_t copy;	/* number of the skb within the packet, from 0 */
	bool helper;	/* the function is a helper; the stage is the one that called it */
	bool dropped;	/* it is in packet.drops */
	bool dying;	/* a step of freeing, which only the dying take */
	uint8_t queue;	/* enum queue: of a function that puts packets into it */
	bool placed;	/* the stage is sure, whichever way the packet went before */
	uint32_t prog;	/* the event is of a BPF program: 1 + its index in packet.progs; else 0 */
};

/* The queue that an skb is in, and the stage of the function that put it there. */
struct skb_queue {
	uint8_t queue, stage; /* enum queue, enum stage */
};

struct path_drop {
	size_t step;
	uint64_t seq; /* of its event */
	bool has_location, has_reason;
	uint64_t location;
	const char *symbol; /* NULL unknown */
	uint64_t offset;
	uint32_t reason;
	const char *reason_name; /* NULL unknown */
	const char *after;	 /* the function that the packet was in before the drop; NULL: unknown */
	struct facts facts;	 /* about the node */
	/* Why nothing was lost; NULL: something was, as far as is known. */
	const char *harmless;
	const char *lost;  /* why something was, though the kernel calls the packet used; NULL: it says so itself */
	bool of_original;  /* only of the original, if a raw socket of this namespace took a clone of it */
	bool is_delivered; /* that is so. Set by packet_analyse() */
};

/* Consecutive steps in one stage, on one device, of one copy. A function without a stage is a run of its own. */
struct path_run {
	size_t first, count;  /* steps */
	uint64_t duration_ns; /* until the next run of the same copy, or its last step */
	uint8_t stage, device, copy;
};

/* How a packet came to the device of a hop. */
enum path_transition {
	TRANSITION_NONE, /* the first hop */
	TRANSITION_VETH,
	TRANSITION_NETKIT,
	TRANSITION_REDIRECT,
	TRANSITION_REDIRECT_PEER,
	TRANSITION_FORWARD,
	TRANSITION_BRIDGE,
	TRANSITION_TUNNEL,
	TRANSITION_COPY,   /* another skb of the packet is there */
	TRANSITION_NETNS,  /* the namespace changed, and no step says how */
	TRANSITION_DEVICE, /* the device changed, and no step says how */
	TRANSITION_MAX,
};
/* For people: "veth", "bpf_redirect_peer"; "" for TRANSITION_NONE. */
const char *transition_name(enum path_transition t);

/* Consecutive runs on one device. */
struct path_hop {
	size_t first, count; /* runs */
	uint8_t device;
	enum path_transition into;
};

enum packet_end {
	PACKET_ALIVE,	  /* its end was not seen */
	PACKET_DELIVERED, /* a socket has it */
	PACKET_CONSUMED,  /* freed after it was used: answered, acknowledged, sent by a device */
	PACKET_FREED,	  /* freed as if it were dropped, and nothing was lost */
	PACKET_DROPPED,
	PACKET_END_MAX,
};
const char *packet_end_name(enum packet_end end);

struct packet {
	uint64_t pkt;		 /* the trace's number */
	struct tuple tuple;	 /* the first of the tuples that have most fields */
	bool unfinished;	 /* its sender is still writing it */
	bool tapped;		 /* a packet socket saw it */
	bool losses_first;	 /* a loss is the end, whatever became of other copies. Set before packet_analyse() */
	struct tuple last_tuple; /* valid with translated: the last tuple, after NAT or a tunnel */
	bool translated;
	bool question;	    /* no packet: an skb to look a route up with */
	bool knows_tags;    /* its Ethernet header was seen */
	bool tagged;	    /* valid with knows_tags: it had a VLAN tag somewhere */
	uint16_t proto;	    /* EtherType */
	uint32_t len_bytes; /* the largest seen */
	uint32_t pid;	    /* of the first event: the sender's */
	char comm[ST_COMM_LEN];

	uint64_t flow;	      /* the flow's number, from 1; 0: unknown. Both directions have the same */
	bool reverse;	      /* against the direction of the flow's first packet */
	uint64_t answers;     /* number of the packet that this echo reply answers; 0: none, or not seen */
	uint64_t answered_by; /* number of the reply; 0: none, or not seen */

	struct path_step *steps; /* owned, in the order of time */
	size_t n_steps;
	uint64_t lost_steps; /* events beyond the maximum */
	struct path_device devices[PACKET_DEVICES_MAX];
	uint64_t skbs[PACKET_COPIES_MAX]; /* addresses, by copy */
	uint8_t marks[PACKET_COPIES_MAX]; /* bits of enum free_mark, by copy */
	bool over[PACKET_COPIES_MAX];	  /* by copy: it was freed, so an event at its address is another copy's */
	struct skb_queue queues[PACKET_COPIES_MAX]; /* by copy: after the last step */
	unsigned n_devices, n_copies;
	struct path_drop drops[PACKET_DROPS_MAX];
	unsigned n_drops;
	struct event_prog *progs; /* owned; of the steps of BPF programs, in their order */
	size_t n_progs;

	/* set by packet_analyse() */
	struct path_run *runs; /* owned */
	struct path_hop *hops; /* owned */
	size_t n_runs, n_hops;
	enum packet_end end;
	size_t end_step;   /* in which it was delivered, consumed, dropped, freed or last seen */
	unsigned drop;	   /* with PACKET_DROPPED and PACKET_FREED: index in drops */
	enum queue queue;  /* with PACKET_ALIVE: in which it is, as far as is known */
	uint64_t total_ns; /* from the first step to end_step */
	bool has_wait;
	size_t wait_from, wait_to; /* the two consecutive steps of one copy with the longest time between them */
	size_t wait_run;	   /* the run of wait_from */
	uint64_t wait_ns;
};

/* Adds one step. 0; -ENOSPC if there are max_steps already (then lost_steps counts it); -ENOMEM. */
int packet_add(struct packet *p, const struct event *ev, struct func_tables *tables, size_t max_steps);
/* Finds devices, stages, runs, hops and the end. Call it once, when all steps are there. 0 or -ENOMEM. */
int packet_analyse(struct packet *p);
/* Whether the step does something with the packet: it is no helper, and no part of copying or freeing it. */
bool path_step_acts(const struct path_step *s);
/* Notes that the step, which acts, came next for this skb. */
void skb_queue_note(struct skb_queue *q, const struct path_step *s);
/* Whether a copy is in a queue for long: queue_is_slow(). */
bool packet_waits(const struct packet *p);
/* Finds the end. Part of packet_analyse(). */
void packet_find_end(struct packet *p);
/* The last function before the end that is neither a helper nor part of freeing; NULL: unknown. */
const char *packet_last_func(const struct packet *p);
/* What the step tells of a BPF program; NULL: it is not of one. */
const struct event_prog *packet_prog(const struct packet *p, const struct path_step *s);
/* Frees what the packet owns, but not the struct. */
void packet_clear(struct packet *p);
