/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "check/captures.h"
#include "check/evidence_table.h"
#include "check/icmp_error.h"
#include "check/translation.h"

/* What the caller knows of the run beside the evidence. */
struct check_run {
	struct lost_events ledger;
	struct tx_account tx[POINT_MAX];
	uint64_t
		watched_ns; /* how long packets of others were watched; 0: the check sent its own, or files were read */
	bool ended_when_seen; /* the watch ended as soon as both directions were seen */
	struct translation translated[DIRECTION_MAX][ST_TRANSLATED_MAX];
	struct icmp_error ping_error; /* what our pings got instead of replies */
	bool interrupted;
	const char *command_failed; /* how the command behind -- failed, "ended with status 3"; NULL: it did not.
				       Borrowed */
	bool endpoint_changed;	    /* one of the four devices was removed, renamed or moved during the check */
	bool from_captures;	    /* the evidence is from four captures; see captures */
	struct captures captures;   /* owned by who gathered the evidence */
	bool from_events;	    /* the evidence is from a recording; see recorded.h */
};

/* Judges a same-node flow; overwrites all of *ret. Never PASS on absence alone: see same_node.c. */
void same_node_judge(struct evidence_table *table, const struct check_run *run, struct check_result *ret);
/* Whether a drop of the direction counts: one on the way, or one after arrival if no answer came. */
bool same_node_drop_matters(const struct check_result *r, enum direction dir);
/* Whether both directions have been seen whole, so that a check that only watches may stop. */
bool same_node_complete(const struct evidence_table *table);
