/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a command's events go: shown as text, JSON lines or packets, kept in a recording, exported. A live trace and
 * the report of a recording differ only in where their events come from.
 *
 * The order of calls: sink_new(), sink_open(), sink_begin() for each source of events, then sink_event() and
 * sink_tick(), sink_end(). The first failure stays: from then on no event is shown, and sink_is_over() says so. What
 * can still be recorded or exported is.
 */
#pragma once

#include "cli/trace_options.h"
#include "event/lost_events.h"
#include "sink/exports.h"

struct sink_opts {
	const struct trace_options *options; /* what is shown, how, and what is recorded; borrowed */
	struct exports_opts exports;
	/* For --path, as in struct path_format: NULL: nobody knows who decided drops. */
	void (*owner)(void *ctx, uint64_t seq, struct out *o);
	void *owner_ctx;
	bool info; /* show how recordings were made instead of their events */
};

struct sink;

/* Answers --columns=help and --profile=help on standard output: true, with the exit status in *ret. */
bool sink_help(const struct trace_options *o, int *ret);
/* Checks the options; touches no file. -EINVAL or -ENOMEM with a reason; *ret is left alone on failure. */
int sink_new(const struct sink_opts *opts, struct sink **ret, struct reason *reason);
void sink_free(struct sink *s);
DEFINE_CLEANUP(struct sink *, sink_free)

/* What events must carry: PART_BIT()s of event/parts.h. */
uint32_t sink_parts(const struct sink *s);
/* Whether drops are explained, for which their events need facts about the node. */
bool sink_wants_facts(const struct sink *s);
/* Whether an event's mark and MTU are shown or kept. */
bool sink_uses_mark(const struct sink *s);

/* Creates the files. -errno with a reason that names the option. */
int sink_open(struct sink *s, struct reason *reason);
/* A trace or a recording begins, made as info says; its strings must outlive the sink. The header of the output is
 * written with the first sink_flush() or sink_tick(). -errno, with a reason if the recording cannot be written. */
int sink_begin(struct sink *s, const struct record_info *info, struct reason *reason);
/* What the trace that began can see; once, before its events. 0, or the first failure. */
int sink_coverage(struct sink *s, const struct record_coverage *c);
/* Takes the next event, in the order of time. 0, or the first failure. */
int sink_event(struct sink *s, const struct event *ev);
/* Writes everything that is ready. 0, or the first failure. */
int sink_flush(struct sink *s);
/* For a live trace, now and then: shows packets that nothing happened to for a second before now_ns (CLOCK_MONOTONIC),
 * and flushes. Without it a packet is shown at the end. 0, or the first failure. */
int sink_tick(struct sink *s, uint64_t now_ns);
/* Whether more events are of no use: as many as were asked for are shown, the reader of standard output has gone, or
 * something failed. */
bool sink_is_over(const struct sink *s);
/* Shows and writes what is left, closes the files, and ends with the ledger; NULL: the ledger is not known. 0, also if
 * the reader of standard output has gone; else the first failure, with a reason if something could not be written. */
int sink_end(struct sink *s, const struct lost_events *ledger, struct reason *reason);
