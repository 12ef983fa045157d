/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between a trace (or a recording) and what shows its events: which are shown, in which order, and when it is enough.
 */
#pragma once

#include "cmd/output_options.h"
#include "event/event.h"

struct emit_opts {
	const struct output_options *output; /* borrowed */
	bool live;			     /* packets are over after a while, not only at the end */
	/* 0 or -errno. */
	int (*put)(void *ctx, const struct event *ev);
	/* A packet's block begins (ev its first event) or ends (NULL); only with --group. */
	void (*block)(void *ctx, const struct event *ev);
	void *ctx;
};

struct emit;

/* -ENOMEM; *ret is left alone on failure. */
int emit_new(const struct emit_opts *opts, struct emit **ret);
void emit_free(struct emit *e);
DEFINE_CLEANUP(struct emit *, emit_free)

/* 0, -errno. Once it is enough, events are ignored. Sets copy_delivered of what it puts. */
int emit_event(struct emit *e, const struct event *ev);
/* Live: puts what waited long enough. Likewise. */
int emit_tick(struct emit *e, uint64_t now_ns);
/* Puts the rest. Likewise. */
int emit_end(struct emit *e);
/* As many lines, drops or packets as were asked for. */
bool emit_enough(const struct emit *e);
/* What was let go for want of room, a line each. */
void emit_note(const struct emit *e, struct out *o);
