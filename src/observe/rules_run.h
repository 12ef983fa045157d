/* SPDX-License-Identifier: GPL-2.0-only */
/* A run of check path: what was asked, and what all sources of steps share. */
#pragma once

#include "cli/child.h"
#include "cli/trace_options.h"
#include "rules/engine.h"

struct check_path_options {
	struct trace_options trace; /* which packets, and how to probe */
	const char *rules;
	uint64_t timeout_ns, packets;
	const char *read;  /* recording to judge; NULL: the running kernel */
	const char *junit; /* file for a JUnit report; NULL: none */
	bool tap;
	struct child *command; /* as of struct check_options */
};

struct rules_run {
	const struct check_path_options *o;
	struct rules *rules;
	uint32_t host_netns; /* inode; 0: unknown */
};

/* Packets by their numbers. All zero is empty. */
struct packet_set {
	uint8_t *bits; /* owned */
	size_t n_bytes;
};

int packet_set_add(struct packet_set *s, uint64_t pkt); /* 0 or -ENOMEM */
bool packet_set_has(const struct packet_set *s, uint64_t pkt);
void packet_set_free(struct packet_set *s);

/* Packets that may be of a scope which asks for ports, by whether they ever showed any. All zero is empty. */
struct portless {
	bool asked; /* rules_run_asks_for_ports(): else nothing is noted */
	struct packet_set with, without;
	uint64_t last; /* the greatest number in `without` */
};

/* Notes an event of a packet. 0 or -ENOMEM. */
int portless_note(struct portless *p, const struct rules_run *path, const struct event *ev);
/* Notes a packet that shows none. 0 or -ENOMEM. */
int portless_add(struct portless *p, uint64_t pkt);
/* How many packets showed none. */
uint64_t portless_count(const struct portless *p);
void portless_clear(struct portless *p);

/* Whether a scope, or a filter beside the rules, asks for ports. */
bool rules_run_asks_for_ports(const struct rules_run *path);

/* Gives up privileges that are not needed once everything is attached. 0, or -errno with a reason. */
int rules_run_confine(const struct rules_run *path, struct reason *reason);

/* Runs the command, if there is one. Polls and ticks the engine until the command has ended and the engine is done, the
 * options' timeout is over, or a signal asks to stop. 0, the command's error, or poll's other than -EINTR. */
int rules_run_watch(const struct rules_run *path, struct engine *engine, int (*poll)(void *ctx, int timeout_ms),
		    void *ctx);
