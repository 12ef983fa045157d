/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger of a trace: what was seen, what was lost and where, and what was armed. It closes every output and decides
 * whether a check may conclude anything.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ledger {
	uint64_t events;	 /* records delivered, before any are hidden from the output */
	uint64_t lost_ring;	 /* ring reservations that failed */
	uint64_t lost_recursion; /* probes skipped by a per-CPU guard (recursion_misses) */
	uint64_t lost_kprobe;	 /* hits the kernel's kprobe or fprobe layer missed */
	uint64_t lost_map;	 /* failed map updates */
	uint64_t limited;	 /* held back by --max-rate: asked for, and yet nothing can be proven without them */
	bool provable; /* this kernel counts every way of losing an event; else the numbers are lower bounds */
	const char *unprovable_why;	     /* borrowed, one clause; NULL if provable or not known */
	uint64_t selected, attached, failed; /* probes */
	const char *backend;		     /* borrowed; NULL: nothing was attached */
	uint64_t duration_ns;
};

/* Events known to be lost, all places together; saturates. */
uint64_t ledger_lost(const struct ledger *l);
/* Nothing was lost, and the kernel could have told. */
bool ledger_proves_no_loss(const struct ledger *l);
