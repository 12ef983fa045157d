/* SPDX-License-Identifier: GPL-2.0-only */
/* Decides which events of a trace or a recording are shown, in which order, and when enough are. */
#pragma once

#include "cli/output_options.h"
#include "event/event.h"

struct emit_opts {
	const struct output_options *output; /* borrowed */
	bool info;			     /* no event will come */
	/* Shows an event. 0, or -errno, which the function that called it returns. */
	int (*put)(void *ctx, const struct event *ev);
	/* Only with --group: the block of a packet begins, ev is its first event; or the block ends, ev is NULL. */
	void (*block)(void *ctx, const struct event *ev);
	void *ctx;
};

struct emit;

/* -ENOMEM; *ret is left alone on failure. */
int emit_new(const struct emit_opts *opts, struct emit **ret);
void emit_free(struct emit *e);
DEFINE_CLEANUP(struct emit *, emit_free)

/* Puts the event, now or later, with copy_delivered set. Does nothing once emit_enough(). 0, -ENOMEM, or put's error.
 */
int emit_event(struct emit *e, const struct event *ev);
/* For a live trace, now and then: puts packets to which nothing happened for a second before now_ns (CLOCK_MONOTONIC).
 * 0 or put's error. */
int emit_tick(struct emit *e, uint64_t now_ns);
/* Puts the rest; nothing is put afterwards. 0 or put's error. */
int emit_end(struct emit *e);
/* Whether as many lines, drops or packets were put as the options ask for. */
bool emit_enough(const struct emit *e);
/* Appends a line for people for each kind of events that did not fit into memory; nothing if all did. */
void emit_note(const struct emit *e, struct out *o);
