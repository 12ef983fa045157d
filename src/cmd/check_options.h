/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of check same-node, as parsed. */
#pragma once

#include "check/check.h"
#include "cmd/cmd.h"

struct check_options {
	const char *src, *dst; /* as spelled: address, netns:NAME, pod */
	uint64_t timeout_ns, ring_bytes;
	uint8_t l4;	/* IPPROTO_ICMP (either version), IPPROTO_TCP, IPPROTO_UDP; 0: not said */
	uint16_t port;	/* the destination's, 0: any */
	uint32_t pings; /* 0: the traffic is somebody else's */
	enum mechanism expect;
	enum color_mode color;
	const char *ready_file;
	const char *pcap[POINT_MAX]; /* files; NULL all: watch the running kernel */
	const char *read;	     /* a recording to judge, NULL: none */
	uint64_t watch_ns;	     /* 0: once */
	const char *junit;	     /* file for a JUnit report, NULL: none */
	bool trace;		     /* show the wide trace too */
	bool json, tap, verbose, print_rules;
	bool confined; /* by a round that is over: privileges are given up only once */
};

extern const struct opt check_option_table[];

void check_options_init(void *opts);
/* Fills defaults that depend on other options and refuses what does not go together: -EINVAL with a reason. */
int check_options_finish(struct check_options *o, struct reason *reason);
/* Whether captures or a recording are judged, and not the running kernel. */
bool check_is_offline(const struct check_options *o);
/* Whether captures were given, one at least. */
bool check_wants_pcap(const struct check_options *o);
