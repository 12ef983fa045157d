/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The evidence of one check, by packet. Each hook event is filed under the packet that it saw, so that other traffic
 * between the same pods cannot serve as evidence for a packet of this flow.
 */
#pragma once

#include "check/packet_evidence.h"
#include "check/packet_index.h"

/* Packets of one check: both directions of the most pings that --ping takes, and more. Further packets are not filed
 * but counted in overflow, and the verdict cannot be PASS. About 120 bytes each. */
#define EVIDENCE_TABLE_MAX_PACKETS 32768

/* A packet that is first seen outside its sender's pod within this time after attaching was already under way then, and
 * is left out. Later, a packet without a beginning is evidence that something is wrong. */
#define EVIDENCE_TABLE_EARLY_NS 200000000ull

struct evidence_table {
	struct check_setup setup;
	struct packet_evidence *packets; /* owned; in the order in which they were first seen */
	size_t n_packets;
	struct packet_index index; /* also has aliases */
	bool frozen; /* new packets are not filed, known ones are followed: for ending a check while traffic goes on */
	bool has_alias; /* a NAT rewrote our echo id: alias_id is ours, too */
	uint16_t alias_id;
	size_t other_datagrams; /* whose first fragment is of another port */
	uint64_t overflow;	/* hook events of packets that were not filed for want of room */
	uint64_t foreign;	/* hook events of packets that are not this check's pings */
	uint64_t unparsed;	/* hook events of packets between the pods whose headers could not be read to the end */
	struct direction_result
		directions[DIRECTION_MAX]; /* what is counted while filing: helper, drop, netfilter hooks */
};

void evidence_table_init(struct evidence_table *table, const struct check_setup *setup);
void evidence_table_free(struct evidence_table *table);
/* Files one hook event. 0 or -ENOMEM. */
int evidence_table_add(struct evidence_table *table, const struct hook_event *ev);
/* As evidence_table_add(). *ret: the number of the packet that the hook event saw, from 1; 0 if it is not filed.
 * *ret_copy: whether it is a copy, made on the way, of a packet that left its pod. */
int evidence_table_number(struct evidence_table *table, const struct hook_event *ev, uint64_t *ret, bool *ret_copy);
/* Whether it is a later fragment and so belongs to the flow's port only if its first fragment does: whether that was
 * not seen. */
bool evidence_table_is_stray_fragment(const struct evidence_table *table, const struct packet_evidence *p);
/* Whether the packet is judged: see packet_evidence_counts(). A fragment is not if its first one is another port's. */
bool evidence_table_counts(const struct evidence_table *table, const struct packet_evidence *p);
/* Packets of the direction that reached the far pod. */
uint64_t evidence_table_arrived(const struct evidence_table *table, enum direction dir);
/* Whether some packet with TCP or UDP payload reached its far pod. */
bool evidence_table_data_arrived(const struct evidence_table *table);
/* Packets that have neither arrived nor are known to be dropped. */
uint64_t evidence_table_under_way(const struct evidence_table *table);
/* Finds segments that were merged or cut on their way (segments.c). Call it before counting; it may be called again. 0
 * or -ENOMEM. */
int segments_settle(struct evidence_table *table);
/* Adds the packets up by direction (directions.c). */
void directions_sum(const struct evidence_table *table, struct direction_result ret[DIRECTION_MAX]);
