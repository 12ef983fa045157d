/* SPDX-License-Identifier: GPL-2.0-only */
/* What the ways of check path share: rules held against the wide trace, the evidence programs, or a recording. */
#pragma once

#include "cmd/trace_options.h"
#include "rules/engine.h"

struct path_options {
	struct trace_options trace; /* what to filter and how to probe */
	const char *rules;
	uint64_t timeout_ns, packets;
	const char *read;  /* a recording to judge, NULL: the running kernel */
	const char *junit; /* file for a JUnit report, NULL: none */
	bool tap;
};

struct path_run {
	const struct path_options *o;
	struct rules *rules;
	uint32_t host_netns; /* inode; 0: unknown */
};

/* The filters that are given, for what is filtered here and not in the kernel. */
void path_match(const struct trace_options *o, struct event_match *ret);

/* Once all is armed: gives up what is not needed any more. 0, or -errno with a reason. */
int path_confine(const struct path_run *path, struct reason *reason);

/* Polls, and lets the engine's time go on, until the engine is done, the options' time is over, or a signal asks to
 * stop. 0, or what poll returned but for -EINTR. */
int path_watch(const struct path_run *path, struct engine *engine, int (*poll)(void *ctx, int timeout_ms), void *ctx);

/* Each: makes an engine, feeds it, and sums up. -errno with a reason; *ret holds nothing then. */
/* By the wide trace of this kernel. */
int path_observe_wide(struct path_run *path, struct rules_result *ret, struct reason *reason);
/* By the evidence programs, for rules of which hooks_can_judge() said so. */
struct st_flow;
int path_observe_hooks(struct path_run *path, const struct st_flow *flow, struct rules_result *ret,
		       struct reason *reason);
/* By the recording that the options name. result's strings live as long as the reader, which is left in *ret_reader. */
struct record_reader;
int path_observe_file(struct path_run *path, struct rules_result *ret, struct record_reader **ret_reader,
		      struct reason *reason);
