/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "check/captures.h"
#include "check/flow.h"

/* What happened around the evidence, told by the command. */
struct check_run {
	struct ledger ledger;
	struct tx_account tx[POINT_MAX];
	bool interrupted;
	bool endpoint_changed; /* a device of the four vanished, was renamed or moved while the check ran */
	bool from_captures;    /* the flow was filed from four captures, whose accounts follow */
	struct capture_facts captures[POINT_MAX];
	bool from_events; /* the flow was filed from a recording of the wide trace, see recorded.h */
};

/* Judges a same-node flow. *ret is overwritten whole. Never PASS on absence alone: see same_node.c. */
void same_node_judge(struct flow *flow, const struct check_run *run, struct check_result *ret);
/* Whether the leg's drop decided anything: an end on the way, or one after arrival when no answer came. */
bool same_node_drop_matters(const struct check_result *r, enum leg leg);
/* Whether both legs have been seen whole, so that a passive check may stop watching. */
bool same_node_complete(const struct flow *flow);
