/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Evidence gathered per packet: every witness is filed under the packet it saw, so that other traffic between the same
 * pods cannot lend its evidence to a leg.
 */
#pragma once

#include "check/check.h"

/* Packets of one check. Beyond this many, further ones are not filed and the overflow is counted: no verdict of PASS
 * then. About 120 bytes each. */
#define FLOW_MAX_PACKETS 16384

/* A packet that first shows up in the middle of its way within this time after arming was already under way then: it is
 * left out. Later, a packet without a beginning is evidence that something is wrong. */
#define FLOW_EARLY_NS 200000000ull

/* What no hop on a node changes: see key_of(). */
struct flow_key {
	bool reverse, has_l4;
	uint8_t l4, tcp_flags;
	uint16_t sport, dport, ip_id, frag_off;
	uint32_t l4_seq;
};

/* What was seen to carry a packet, as bits. */
enum flow_way {
	WAY_PEER = 1,	    /* skb_do_redirect left it on the far pod's device with -EAGAIN */
	WAY_PEER_INPUT = 2, /* IP input on the far pod's device, received on the near host device */
	WAY_REDIRECT = 4,
	WAY_FORWARD = 8,
	WAY_BRIDGE = 16,
	WAY_NETKIT = 32,
};

/* One packet's way. Bits of `seen` and `covered` are 1 << enum point. */
struct flow_packet {
	struct flow_key key;
	uint64_t skb; /* its address when last seen: a hint only, addresses are reused */
	uint8_t seen;
	uint8_t covered;	    /* not seen itself, but its bytes were, in others: segments.c */
	uint8_t ways, covered_ways; /* enum flow_way */
	bool met;   /* by another hook than netfilter's in the sender's pod: until then it may still be cut, or not be
		       sent */
	bool early; /* under way when the probes were armed: left out */
	bool late;  /* made on the way, after the table was frozen: it may cover others, and does not count itself */
	bool has_data;		      /* carries TCP or UDP payload */
	bool dropped;		      /* before it arrived */
	bool dropped_late;	      /* after it arrived: the receiver's business, unless no answer comes */
	uint16_t bytes[POINT_MAX];    /* TCP, UDP: the payload there, valid where seen */
	uint64_t first_ns[POINT_MAX]; /* valid where seen or covered */
};

struct flow {
	struct check_setup setup;
	struct flow_packet *packets; /* owned, in order of first sight */
	size_t n_packets, cap;
	uint32_t *index;	     /* owned; open addressing, packet number + 1; aliases too */
	struct flow_key *index_keys; /* owned; the key under which the packet is indexed there */
	size_t index_cap, index_used;
	bool frozen;	/* no further packets are filed, those known go on: set it to end a check amid traffic */
	bool has_alias; /* the echo id was rewritten on the way: this one is ours too */
	uint16_t alias_id;
	uint64_t overflow;		 /* witnesses of packets that were not filed */
	uint64_t foreign;		 /* witnesses of echoes that are not this check's pings */
	struct leg_result legs[LEG_MAX]; /* what is counted while filing: helper, drop, netfilter */
};

void flow_init(struct flow *f, const struct check_setup *setup);
void flow_free(struct flow *f);
/* Files one witness. 0 or -ENOMEM. */
int flow_add(struct flow *f, const struct witness *w);
/* Which packet the witness saw, by number from 1; 0: one that is not filed. For who counts packets and asks nothing
 * else of the flow. 0 or -ENOMEM. */
int flow_number(struct flow *f, const struct witness *w, uint64_t *ret);
/* Packets of the leg that reached the far pod. */
uint64_t flow_arrived(const struct flow *f, enum leg leg);
/* Whether some packet with TCP or UDP payload reached its far pod. */
bool flow_data_arrived(const struct flow *f);
/* Packets that are neither at their far pod nor known to be dropped. */
uint64_t flow_under_way(const struct flow *f);
/* Finds what was merged or cut on its way: segments.c. Whenever what is filed so far is to be counted; may be done
 * again. 0 or -ENOMEM. */
int flow_settle(struct flow *f);
/* Sums the packets up per leg: legs.c. */
void flow_legs(const struct flow *f, struct leg_result ret[LEG_MAX]);

/* Notes what the witness says about the packet it saw: legs.c. */
void flow_note(struct flow *f, struct flow_packet *p, const struct witness *w);
/* Whether the witness stands outside the pod that sends the packet. On its way out a packet has no device yet. */
bool flow_has_no_beginning(const struct flow *f, const struct witness *w);
enum leg flow_packet_leg(const struct flow_packet *p);
/* Seen at the point, or its bytes were. */
bool flow_packet_at(const struct flow_packet *p, enum point at);
bool flow_packet_arrived(const struct flow_packet *p);
/* Whether it is judged, and not left out as not sent, or as under way when the probes were armed: legs.c. */
bool flow_packet_counts(const struct flow_packet *p);
/* The plainest account of what was seen: legs.c. */
enum mechanism flow_packet_mechanism(const struct flow_packet *p);
