/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of check same-node, as parsed. */
#pragma once

#include "check/check.h"
#include "cli/options.h"

struct check_options {
	struct child *command; /* to run once all is attached; borrowed, NULL: none */
	const char *src, *dst; /* as spelled: address, netns:NAME, pod */
	uint64_t timeout_ns, ring_bytes;
	uint64_t for_ns; /* watch that long, whatever was seen; 0: until both directions were seen, or timeout_ns */
	uint8_t l4;	 /* IPPROTO_ICMP (either version), IPPROTO_TCP, IPPROTO_UDP; 0: not given */
	uint16_t port;	 /* the destination's, 0: any */
	uint32_t pings;	 /* 0: the user sends the traffic */
	enum mechanism expect;
	enum color_mode color;
	const char *ready_file;
	const char *pcap[POINT_MAX]; /* files; all NULL: watch the running kernel */
	const char *read;	     /* a recording to judge, NULL: none */
	uint64_t watch_ns;	     /* 0: once */
	const char *junit;	     /* file for a JUnit report, NULL: none */
	bool trace;		     /* show the function trace too */
	bool json, tap, verbose, print_rules;
	bool confined; /* an earlier round gave up privileges, which works only once */
};

extern const struct opt check_option_table[];

void check_options_init(void *opts);
/* Fills defaults that depend on other options. -EINVAL with a reason if options exclude each other. */
int check_options_finish(struct check_options *o, struct reason *reason);
/* Whether captures or a recording are judged instead of the running kernel. */
bool check_options_are_offline(const struct check_options *o);
/* Whether at least one capture was given. */
bool check_options_have_pcap(const struct check_options *o);
