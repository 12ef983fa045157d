/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger of a trace: how many events were delivered, how many were lost and where, and how many probes were
 * attached. Every output ends with it, and a check gives no verdict on a trace that lost events.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct lost_events {
	uint64_t events;	    /* records delivered, before any are hidden from the output */
	uint64_t lost_ring;	    /* ring reservations that failed */
	uint64_t lost_recursion;    /* probes skipped by a per-CPU guard (recursion_misses) */
	uint64_t lost_kprobe;	    /* hits the kernel's kprobe or fprobe layer missed */
	uint64_t lost_map;	    /* failed map updates */
	uint64_t limited;	    /* suppressed by --max-rate; not losses, but a check proves nothing without them */
	uint64_t unreadable;	    /* events of packets with a header outside the skb's linear part; not losses, but
				     * filters on headers miss such packets */
	bool provable;		    /* this kernel counts every lost event; else the lost_* numbers are lower bounds */
	const char *unprovable_why; /* borrowed, one clause; NULL if provable or not known */
	uint64_t selected, attached, failed; /* probes */
	const char *backend;		     /* borrowed; NULL: nothing was attached */
	uint64_t duration_ns;
};

/* The sum of the lost_* members; saturates. */
uint64_t ledger_lost(const struct lost_events *l);
/* Whether nothing was lost or suppressed, on a kernel that counts every lost event. */
bool lost_events_proves_no_loss(const struct lost_events *l);

/* The ledgers of several recordings as one. All zero is empty. */
struct lost_events_sum {
	struct lost_events total; /* borrows the strings of the ledgers */
	uint64_t n;		  /* ledgers added */
};

/* Adds up the counts and durations (saturating, without `limited`, which is that of the first ledger). The sum is
 * provable if each ledger is; its backend is NULL unless all have the same one. */
void lost_events_sum_add(struct lost_events_sum *sum, const struct lost_events *l);
