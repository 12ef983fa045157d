/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a trace amounts to, flow by flow: packets, drops by reason, how long each stage took, and functions that no
 * packet before had passed. Fed with analysed packets; bounded, what did not fit is counted.
 */
#pragma once

#include "path/packet.h"

#define SUMMARY_FLOWS_MAX   1024 /* what comes later is added up in one flow, numbered 0 */
#define SUMMARY_REASONS_MAX 16	 /* drop reasons told apart in a flow; the last row takes the rest */
#define SUMMARY_NEW_MAX	    32	 /* new functions named of a flow; the rest are counted */
#define SUMMARY_BUCKETS	    40	 /* bucket n holds less than 2^n ns, and at least 2^(n-1); the last has no end */

struct stage_times {
	uint64_t runs, sum_ns, max_ns;
	uint32_t buckets[SUMMARY_BUCKETS];
};

struct flow_drops {
	const char *reason; /* borrowed; NULL: none given */
	uint64_t count;
	const char *place; /* of the first: the function; borrowed, NULL unknown */
};

struct flow_summary {
	uint64_t flow;	    /* 0: all that no row was left for, and packets of no flow */
	struct tuple tuple; /* of the first packet, so of the direction that is not the reverse */
	uint16_t proto;
	uint64_t packets, reverse_packets;
	uint64_t ends[PACKET_END_MAX];
	uint64_t lost_steps;
	struct stage_times total;   /* of packets whose end was seen */
	struct stage_times *stages; /* owned, by enum stage */
	struct flow_drops drops[SUMMARY_REASONS_MAX];
	unsigned n_drops;
	const char *new_funcs[SUMMARY_NEW_MAX]; /* borrowed */
	uint64_t n_new_funcs;			/* may be more than were kept */
	bool first; /* the flow of the trace's first packet: to it every function was new, none is named */
};

struct summary;

/* -ENOMEM; *ret is left alone on failure. */
int summary_new(struct summary **ret);
void summary_free(struct summary *s);
DEFINE_CLEANUP(struct summary *, summary_free)

/* 0 or -ENOMEM. */
int summary_add(struct summary *s, const struct packet *p);
/* Flows in the order in which they were met; lives as long as the summary. */
const struct flow_summary *const *summary_flows(const struct summary *s, size_t *ret_n);
/* Different functions met. */
uint64_t summary_funcs(const struct summary *s);
