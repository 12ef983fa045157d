/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a recording could not have shown. A check leans on absences, and a recording has none of what a filter, a choice
 * of functions or sampling left out. Only filters of addresses, and for IPv4 of the protocol, can be known to hide
 * nothing: those that every packet which the check is about passes. IPv6's protocol may be behind headers that cannot
 * be read, and a later fragment has no ports.
 */
#pragma once

#include "check/check.h"
#include "filter/prefix.h"
#include "record/record.h"

/* How a recording was made. */
struct recorded_making {
	bool cut;  /* it ends before its ledger */
	bool told; /* false: a version before 1.2 made it, which does not tell */
	struct record_coverage coverage;
	uint64_t limited;    /* events that --max-rate suppressed */
	uint64_t unreadable; /* events of packets whose headers could not be read */
	uint64_t skipped;    /* blocks that only a newer version knows */
};

/* Packets that a check is about. family 0: any address. */
struct recorded_packets {
	struct prefix src, dst;
	uint8_t l4;  /* IPPROTO_*, 0: any */
	bool both;   /* also from dst to src */
	bool follow; /* the check is also about steps at which their headers differ from that */
};

#define RECORDED_WHY_SIZE 256
/* Why the recording may lack such packets or steps of them, as a clause: "made with --filter-netns=pod2". NULL: it
 * lacks none. Values are raw bytes. */
const char *recorded_hides(const struct recorded_making *m, const struct recorded_packets *packets,
			   char buf[static RECORDED_WHY_SIZE]);
/* Why functions may not have been probed that the kernel has; NULL: all were tried. */
const char *recorded_leaves_out(const struct recorded_making *m, char buf[static RECORDED_WHY_SIZE]);
/* Notes the hooks of the functions that the recording was attached to, if it tells. */
void recorded_note_funcs(const struct recorded_making *m, struct check_setup *setup);
