/* SPDX-License-Identifier: GPL-2.0-only */
/* The same-node check as rules: what it asserts of each packet, in the language of skbtrail-rules(5), and what the
 * rules engine finds of it. */
#pragma once

#include "base/buf.h"
#include "check/flow.h"

/* How the flow reads in the rules. All borrowed. */
struct builtin_names {
	const char *src, *dst;	      /* addresses */
	const char *proto;	      /* "icmp" */
	const char *where[POINT_MAX]; /* the namespace of each point for the reader; NULL: unknown */
};

/* Appends the rules, for the setup's points and the mechanism it expects. Functions stand for the hooks of the evidence
 * programs. 0 or -ENOMEM. */
int builtin_rules(const struct check_setup *setup, const struct builtin_names *names, struct buf *ret);

/* Packets of a leg by the rules they kept or broke. */
struct builtin_leg {
	uint64_t left;	   /* seen to leave the pod */
	uint64_t received; /* received on the near host device; UINT64_MAX: not asked for, with netkit */
	uint64_t arrived;
	uint64_t carried; /* of those, by the expected mechanism */
	uint64_t crossed; /* the host-side veth that is to be skipped; 0 unless redirect_peer is expected */
};

/* Holds the flow's packets against the rules. 0 or -ENOMEM. */
int builtin_judge(const struct flow *f, struct builtin_leg ret[LEG_MAX]);
