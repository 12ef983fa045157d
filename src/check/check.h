/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of a check: what was asked, what each packet of the flow was seen to do, and the verdict.
 * Pure: evidence in, verdict out; no I/O. Strings are borrowed from static tables unless said otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/ledger.h"
#include "event/witness.h"
#include "rules/verdict.h"

enum mechanism {
	MECH_UNKNOWN,
	MECH_REDIRECT_PEER,
	MECH_REDIRECT,
	MECH_HOST_STACK,
	MECH_BRIDGE,
	MECH_NETKIT,
	MECH_MAX,
};

/* The article's four capture points; the same devices for both legs. */
enum point { POINT_SRC_POD, POINT_SRC_HOST, POINT_DST_HOST, POINT_DST_POD, POINT_MAX };

enum leg { LEG_REQUEST, LEG_REPLY, LEG_MAX };

/* Stable codes: the man page says what to do about each. Locked to the names in reason.c. */
enum reason_code {
	REASON_HOST_VETH_TRAVERSED,
	REASON_OTHER_MECHANISM,
	REASON_NETKIT,
	REASON_NO_TRAFFIC,
	REASON_NO_REQUEST,
	REASON_NO_REPLY,
	REASON_LEG_INCOMPLETE,
	REASON_LEG_DROPPED,
	REASON_NO_POSITIVE_EVIDENCE,
	REASON_PROBE_NOT_ARMED,
	REASON_NO_POSITIVE_CONTROL,
	REASON_EVENTS_LOST,
	REASON_COUNT_MISMATCH,
	REASON_COUNTER_CONTRADICTION,
	REASON_ENDPOINT_CHANGED,
	REASON_INTERRUPTED,
	REASON_NO_OVERLAP,
	REASON_CAPTURE_AMBIGUOUS,
	REASON_MAX,
};

/* An interface is a namespace and an index; names are for showing. */
struct iface {
	uint32_t netns; /* inode */
	uint32_t ifindex;
	char ifname[16];
};

struct check_setup {
	struct iface points[POINT_MAX];
	uint8_t l4;	       /* IPPROTO_* of the flow */
	enum mechanism expect; /* which mechanism is PASS; usually MECH_REDIRECT_PEER */
	bool armed[ST_HOOK_MAX];
	uint16_t ping_id;    /* with pings_sent: only echoes with this id count */
	uint32_t pings_sent; /* 0: the traffic is somebody else's */
	uint32_t pings_asked;
	uint64_t armed_ns;   /* CLOCK_MONOTONIC; 0: the evidence is complete from its first packet on */
};

/* A host-side device's own account of the time between arming and the end, beside ours. Independent: the kernel counts
 * there whatever we look at. */
struct tx_account {
	bool known;
	uint64_t own_packets;  /* how much its tx counter rose */
	uint64_t seen_packets; /* transmissions our program saw, of any flow */
};

struct point_result {
	uint64_t packets;  /* packets seen here, as a capture on the device would count them */
	uint64_t first_ns; /* CLOCK_MONOTONIC; of captures CLOCK_REALTIME; valid if packets */
};

struct leg_result {
	struct point_result points[POINT_MAX];
	enum mechanism mechanism;
	uint64_t packets;		 /* different packets of this leg */
	uint64_t arrived;		 /* of those, seen to reach the far pod */
	uint64_t by_mechanism[MECH_MAX]; /* of those that arrived */
	enum mechanism first_mechanism;	 /* what carried the first that arrived, valid if arrived */
	uint64_t dropped;		 /* before they arrived */
	uint64_t dropped_late;		 /* after they arrived, in the far pod */
	uint64_t early;			 /* under way when the probes were armed, not counted above */
	uint64_t netfilter_hooks;	 /* run in the host's namespace */
	bool has_helper;
	enum st_helper helper; /* which redirect helper was seen last, and its argument */
	uint32_t helper_ifindex;
	struct witness drop;   /* the last one, valid if dropped or dropped_late */
	enum point last_point; /* how far the packet got that got least far; valid if packets > arrived */
};

struct check_reason {
	enum reason_code code;
	char text[256];
};

struct check_result {
	enum verdict verdict;
	struct check_setup setup;
	struct leg_result legs[LEG_MAX];
	struct tx_account tx[POINT_MAX]; /* known for the host-side points only */
	struct check_reason reasons[16];
	size_t n_reasons;
	struct ledger ledger;
};

const char *mechanism_name(enum mechanism m);	  /* "redirect_peer" */
const char *point_name(enum point p);		  /* "src-pod" */
const char *leg_name(enum leg l);		  /* "request" */
const char *reason_code_name(enum reason_code c); /* "host-veth-traversed" */
/* What it means and what to do about it: sentences. */
const char *reason_code_advice(enum reason_code c);
/* Whether it makes a verdict FAIL; else it makes it INCONCLUSIVE. */
bool reason_code_fails(enum reason_code c);
const char *helper_name(enum st_helper h);	  /* "bpf_redirect_peer", NULL for none */
/* The point or mechanism of that name, or -EINVAL. */
int point_parse(const char *name, enum point *ret);
int mechanism_parse(const char *name, enum mechanism *ret);

/* The host-side veth of the leg's destination, which a redirect to the peer skips. */
enum point leg_forbidden(enum leg leg);
/* The leg's way: its first device, the host's ingress, the host's egress, the far pod. */
enum point leg_point(enum leg leg, unsigned step);
