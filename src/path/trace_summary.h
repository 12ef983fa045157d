/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A summary of a trace by flow: packets, drops by reason, the time that each stage took, and functions that no packet
 * before had passed. It is made of analysed packets. Memory is bounded; what did not fit is counted.
 */
#pragma once

#include "path/packet.h"

#define SUMMARY_FLOWS_MAX   1024 /* later flows are added up in one, numbered 0 */
#define SUMMARY_REASONS_MAX 16	 /* drop reasons of one flow; the last row has all further ones */
#define SUMMARY_NEW_MAX	    32	 /* new functions of one flow that are named; further ones are counted */
#define SUMMARY_BUCKETS                                                                                                \
	40 /* bucket n: less than 2^n ns, and at least 2^(n-1) ns; the last bucket has no upper bound                  \
	    */

struct stage_times {
	uint64_t runs, sum_ns, max_ns;
	uint32_t buckets[SUMMARY_BUCKETS];
};

struct flow_drops {
	const char *reason; /* borrowed; NULL: none */
	uint64_t count;
	const char *func;	    /* that dropped them, or was the last one before; borrowed; NULL: unknown */
	const char *lost;	    /* path_drop.lost of the first; borrowed */
	const char *after;	    /* the function before, if it is the same of all; borrowed */
	char ifname[ST_IFNAME_LEN]; /* of their device, if all have the same; else "" */
	struct facts facts;	    /* that hold of all of them */
};

struct flow_summary {
	uint64_t flow;	    /* 0: packets without a flow, and flows beyond SUMMARY_FLOWS_MAX */
	struct tuple tuple; /* of the first packet, which defines the direction that is not the reverse */
	uint16_t proto;
	uint64_t packets, reverse_packets;
	uint64_t ends[PACKET_END_MAX];
	uint64_t lost_steps;
	struct stage_times total;   /* of packets whose end was seen */
	struct stage_times *stages; /* owned; by enum stage */
	struct flow_drops drops[SUMMARY_REASONS_MAX];
	unsigned n_drops;
	const char *new_funcs[SUMMARY_NEW_MAX]; /* borrowed */
	uint64_t n_new_funcs;			/* may be more than SUMMARY_NEW_MAX */
	bool first; /* the trace's first flow: every function is new to it, and none is named */
};

struct trace_summary;

/* 0 or -ENOMEM; *ret is left alone on failure. */
int trace_summary_new(struct trace_summary **ret);
void trace_summary_free(struct trace_summary *s);
DEFINE_CLEANUP(struct trace_summary *, trace_summary_free)

/* Adds an analysed packet. 0 or -ENOMEM. */
int trace_summary_add(struct trace_summary *s, const struct packet *p);
/* The flows in the order of their first packets; they live as long as the summary. */
const struct flow_summary *const *trace_summary_flows(const struct trace_summary *s, size_t *ret_n);
/* The number of different functions that packets passed. */
uint64_t trace_summary_funcs(const struct trace_summary *s);
