/* SPDX-License-Identifier: GPL-2.0-only */
/* What the hook events say of one packet: where it was seen, what carried it, how it ended. */
#pragma once

#include <assert.h>

#include "check/sequence.h"

/* What no hop on a node changes: see packet_key_of(). */
struct packet_key {
	bool reverse, has_l4;
	uint8_t l4, tcp_flags;
	uint16_t sport, dport, ip_id, frag_off;
	uint32_t l4_seq;
	uint32_t nth; /* captures: see struct hook_event */
};
static_assert(sizeof(struct packet_key) == 20, "compared and hashed as bytes: no padding");

/* What was seen of one packet. Bits of `seen` and `covered` are 1 << enum point. */
struct packet_evidence {
	struct packet_key key;
	uint64_t skb;			     /* the address of the skb that it is in now; 0: unknown, or freed */
	struct sequence passed;		     /* what it passed in this skb */
	uint32_t first_netns, first_ifindex; /* the device on which it was first transmitted; 0: none yet */
	enum st_hook last_hook;
	uint8_t seen;
	uint8_t covered;	     /* not seen itself, but its bytes were, in other packets: segments.c */
	uint32_t covered_mechanisms; /* bits 1 << enum mechanism: those that fit this packet and all its covers */
	bool left;		     /* was transmitted on its pod's device */
	bool copy;		     /* another skb than the one that left the pod: see evidence_table.c */
	bool has_older;		     /* an earlier packet has the same key */
	bool met; /* another hook than netfilter's in the sender's pod has seen it; before that it may still be cut, or
		   * not be sent */
	bool early; /* under way when the programs were attached: left out */
	bool late;  /* first seen on its way after the table was frozen: may cover other packets, but does not count */
	bool has_data;		      /* carries TCP or UDP payload */
	bool dropped;		      /* dropped before it arrived */
	bool dropped_late;	      /* dropped after it arrived, which matters only if no answer comes */
	uint16_t bytes[POINT_MAX];    /* TCP, UDP: payload at the point; valid where seen */
	uint64_t first_ns[POINT_MAX]; /* valid where seen or covered */
};

/* Notes what the hook event says of the packet that it saw. dir: the result of the packet's direction, which takes
 * helper, drop and netfilter hooks. */
void packet_evidence_note(struct packet_evidence *p, const struct hook_event *ev, const struct check_setup *setup,
			  struct direction_result *dir);
/* Whether the hook event was outside the pod that sends the packet. On its way out of its pod a packet has no device
 * yet. */
bool packet_evidence_outside_sender(const struct hook_event *ev, const struct check_setup *setup);
/* Whether the hook event is that of leaving the pod: of being transmitted on the pod's device or, where the setup knows
 * none, on the device on which p was first transmitted. */
bool packet_evidence_leaves(const struct packet_evidence *p, const struct hook_event *ev,
			    const struct check_setup *setup);
enum direction packet_evidence_direction(const struct packet_evidence *p);
/* Whether the packet was seen at the point, or its bytes were, in other packets. */
bool packet_evidence_at(const struct packet_evidence *p, enum point at);
bool packet_evidence_arrived(const struct packet_evidence *p);
/* Whether the packet is judged. Not judged is what was not sent, and what was under way when the programs were
 * attached. */
bool packet_evidence_counts(const struct packet_evidence *p);
/* By which mechanism the packet was carried. The expected one only if the packet's sequence is wholly that one's;
 * MECH_UNKNOWN if that sequence has gaps and nothing else, MECH_MIXED if it has other steps that name no mechanism. */
enum mechanism packet_evidence_mechanism(const struct packet_evidence *p, enum mechanism expect);
