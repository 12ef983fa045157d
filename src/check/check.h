/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of a same-node check: what was asked, what was seen of each packet, and the verdict. Pure: evidence in,
 * verdict out, no I/O. Strings are static unless a comment says otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/hook_event.h"
#include "event/lost_events.h"
#include "rules/verdict.h"

enum mechanism {
	MECH_UNKNOWN,
	MECH_REDIRECT_PEER,
	MECH_REDIRECT,
	MECH_HOST_STACK,
	MECH_BRIDGE,
	MECH_NETKIT,
	MECH_MIXED, /* steps of several, or of one in another order */
	MECH_MAX,
};

/* The four points where packets are looked for: two devices of each pod. Both directions have the same points. */
enum point { POINT_SRC_POD, POINT_SRC_HOST, POINT_DST_HOST, POINT_DST_POD, POINT_MAX };

enum direction { DIRECTION_REQUEST, DIRECTION_REPLY, DIRECTION_MAX };

/* Stable codes; the man page says what to do about each. names.c has their names. */
enum reason_code {
	REASON_HOST_VETH_TRAVERSED,
	REASON_OTHER_MECHANISM,
	REASON_NETKIT,
	REASON_NO_TRAFFIC,
	REASON_NO_REQUEST,
	REASON_NO_REPLY,
	REASON_LEG_INCOMPLETE,
	REASON_LEG_DROPPED,
	REASON_ADDRESS_TRANSLATED,
	REASON_NO_POSITIVE_EVIDENCE,
	REASON_PROBE_NOT_ARMED,
	REASON_NO_POSITIVE_CONTROL,
	REASON_EVENTS_LOST,
	REASON_NOT_RECORDED,
	REASON_COUNT_MISMATCH,
	REASON_COUNTER_CONTRADICTION,
	REASON_ENDPOINT_CHANGED,
	REASON_INTERRUPTED,
	REASON_COMMAND_FAILED,
	REASON_NO_OVERLAP,
	REASON_CAPTURE_AMBIGUOUS,
	REASON_NOT_FOLLOWED,
	REASON_DEVICES_CONTRADICT,
	REASON_CAPTURE_FILTERED,
	REASON_CAPTURES_CONTRADICT,
	REASON_MAX,
};

/* A device is identified by namespace and index; its name is for people. */
struct iface {
	uint32_t netns; /* inode */
	uint32_t ifindex;
	char ifname[16];
};

struct check_setup {
	struct iface points[POINT_MAX];
	uint8_t l4;	       /* IPPROTO_* of the flow */
	bool has_port;	       /* the flow is that of one port, which later fragments do not show */
	enum mechanism expect; /* the mechanism that passes, mostly MECH_REDIRECT_PEER */
	bool attached[ST_HOOK_MAX];
	/* Nothing would tell the flags of bpf_redirect_peer(). False for recordings, which never tell. */
	bool flags_unseen;
	uint16_t ping_id;    /* if pings_sent: only echoes with this id count */
	uint32_t pings_sent; /* 0: the check sends none, and watches other traffic */
	uint32_t pings_asked;
	uint64_t attached_ns; /* CLOCK_MONOTONIC: all programs were attached; 0: the evidence has every packet from its
			      beginning */
};

/* The transmit counter of a host-side device, between attaching and detaching, beside what our program counted. The
 * kernel's counter does not depend on our programs, so it can contradict them. */
struct tx_account {
	bool known;
	bool unread;			  /* it should have been read, and was not */
	uint64_t own_packets;		  /* by which its tx counter rose */
	uint64_t seen_by[ST_TX_SEEN_MAX]; /* transmissions that each of our programs saw, of any flow */
};

/* Transmissions that a program saw: the one that saw more. A program that saw all has examined all. */
uint64_t tx_account_seen(const struct tx_account *tx);

struct point_result {
	uint64_t packets;  /* as a capture on the device would count them */
	uint64_t first_ns; /* CLOCK_MONOTONIC, in captures CLOCK_REALTIME; valid if packets */
};

struct direction_result {
	struct point_result points[POINT_MAX];
	enum mechanism mechanism;
	uint64_t packets;		 /* of this direction, each counted once */
	uint64_t arrived;		 /* seen to reach the far pod */
	uint64_t by_mechanism[MECH_MAX]; /* of the packets that arrived */
	enum mechanism first_mechanism;	 /* of the first packet that arrived; valid if arrived */
	uint8_t misfit;	   /* the first step that does not fit the expected mechanism (sequence.h), of the first packet
			    * that arrived so; 0: every packet's fits, or nothing is known of it */
	bool misfit_extra; /* the step was seen; otherwise it is the first one missing */
	uint64_t dropped;  /* packets dropped before they arrived */
	uint64_t dropped_late;	  /* packets dropped after they arrived, in the far pod */
	uint64_t early;		  /* packets under way when the programs were attached; counted nowhere else */
	uint64_t stray_fragments; /* later fragments whose first one, which shows the port, was not seen */
	uint64_t netfilter_hooks; /* that ran in the host's namespace */
	bool has_helper;
	enum st_helper helper;			   /* the redirect helper called last */
	uint32_t helper_ifindex;		   /* its argument */
	uint32_t redirect_netns, redirect_ifindex; /* the device on which its redirect was carried out */
	struct hook_event drop;			   /* the last one, valid if dropped or dropped_late */
	enum point last_point; /* where the packet that got least far was seen last; valid if packets > arrived */
};

struct check_reason {
	enum reason_code code;
	char text[256];
};

/* What the verdict leaves open, beside its reasons. */
struct check_note {
	char text[256];
};

struct check_result {
	enum verdict verdict;
	struct check_setup setup;
	struct direction_result directions[DIRECTION_MAX];
	struct tx_account tx[POINT_MAX]; /* known for the host-side points only */
	uint64_t watched_ns;		 /* as in struct check_run, like the next */
	bool ended_when_seen;
	struct check_reason reasons[16];
	size_t n_reasons;
	struct check_note notes[8];
	size_t n_notes;
	struct lost_events ledger;
};

const char *mechanism_name(enum mechanism m);	  /* "redirect_peer" */
const char *point_name(enum point p);		  /* "src-pod" */
const char *direction_name(enum direction dir);	  /* "request" */
const char *reason_code_name(enum reason_code c); /* "host-veth-traversed" */
/* What the reason means and what to do about it, in whole sentences. */
const char *reason_code_advice(enum reason_code c);
/* Whether the reason makes the verdict FAIL; otherwise INCONCLUSIVE. */
bool reason_code_fails(enum reason_code c);
const char *helper_name(enum st_helper h); /* "bpf_redirect_peer"; NULL for ST_HELPER_NONE */
/* The point or mechanism of that name. -EINVAL; *ret is left alone then. */
int point_parse(const char *name, enum point *ret);
int mechanism_parse(const char *name, enum mechanism *ret);

/* The host-side veth of the direction's destination, which a redirect to the peer skips. */
enum point direction_forbidden(enum direction dir);
/* The nth point that a packet of the direction comes to, from 0: the sender's pod, the near host device, the far host
 * device, the far pod. */
enum point direction_point(enum direction dir, unsigned nth);
