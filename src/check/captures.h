/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judging four captures instead of the live kernel.
 *
 * Theory of operation. A capture shows that a packet passed a device, never what carried it from there; so the
 * mechanism is read off the table, per packet that arrived:
 *   - at the near host device and not at the far one: redirect_peer's signature;
 *   - at the far host device and not at the near one: netkit's;
 *   - at both: some way through both (host stack, bridge, plain redirect, which a capture cannot tell apart): unknown;
 *   - at neither: unknown.
 * The first two stand on an absence. A file says neither what tcpdump lost nor what its filter left out, so an absence
 * from a capture is believed only when:
 *   - the capture holds other packets of the flow (positive control): with redirect_peer all of the other leg's, which
 *     judge_presence() demands;
 *   - it was running when the packet passed: the packet's time lies between the capture's first and last packet, or at
 *     most CAPTURE_SLACK_NS outside; an echo outside must besides have its counterpart in the capture. (On the far host
 *     device of the first request the first packet ever is that request's reply.)
 *   - nothing in the file says that packets were lost or cut.
 * Times decide only whether the captures ran at once. Packets are ordered and matched by their headers (DOMAIN.md, 7).
 * Captures of different times are not one observation: then there is no verdict but INCONCLUSIVE.
 */
#pragma once

#include "check/check.h"

/* More than any answer on one node takes, less than it takes to stop one tcpdump and start the next by hand. */
#define CAPTURE_SLACK_NS 1000000000ull

/* One file's account. */
struct capture_facts {
	uint64_t packets;	    /* of any kind */
	uint64_t flow_packets;	    /* of the flow, at the point's device */
	uint64_t cut;		    /* perhaps of the flow, but the snapshot is too short to tell */
	uint64_t ambiguous;	    /* of the flow, on an unknown one of several devices */
	uint64_t lost;		    /* by the file's own account */
	bool counts_lost;	    /* the file has such an account */
	bool has_times;		    /* the two below are valid */
	uint64_t first_ns, last_ns; /* CLOCK_REALTIME of the captures' machine: first and last packet of any kind */
	char ifname[16];	    /* empty: the file does not say */
};

struct flow;

/* The account of all four: packets read and lost, the time they span. */
void captures_ledger(const struct capture_facts facts[POINT_MAX], struct ledger *ret);
/* Captures have no namespaces and indexes: for filing, a point's device is the number of its capture, and a sighting's
 * ifindex is captures_ifindex(point). In a result only the names that the files give are left. */
uint32_t captures_ifindex(enum point p);
void captures_set_points(struct check_setup *setup, const struct capture_facts facts[POINT_MAX]);
void captures_forget_points(struct check_result *r);
/* Notes what the table says of each packet's mechanism. Once, when all is filed. 0 or -ENOMEM. */
int captures_infer(struct flow *flow, const struct capture_facts facts[POINT_MAX]);
/* Whether there was a moment when all that hold anything were running; if not, adds the reason. A capture without times
 * overlaps with none. */
bool captures_judge_overlap(struct check_result *r, const struct capture_facts facts[POINT_MAX]);
/* Adds the other reasons that are the captures' own. */
void captures_judge(struct check_result *r, const struct flow *flow, const struct capture_facts facts[POINT_MAX]);
