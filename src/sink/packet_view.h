/* SPDX-License-Identifier: GPL-2.0-only */
/* --path, --diagram, --summary: shows packets instead of events. */
#pragma once

#include "cli/trace_options.h"
#include "event/event.h"
#include "render/path/path_text.h"

struct packet_view_opts {
	const struct trace_options *options; /* borrowed */
	bool color;
	struct out *out; /* borrowed; what is shown is appended here */
	/* As in struct path_format; NULL: nobody knows. */
	void (*owner)(void *ctx, uint64_t seq, struct out *o);
	void *owner_ctx;
	int (*flush)(void *ctx); /* writes out and empties it, called when it is full; 0 or -errno */
	void *ctx;
};

static inline bool packet_view_wanted(const struct trace_options *o)
{
	return o->path || o->diagram || o->summary;
}

struct packet_view;

/* Draws lines of Unicode if the terminal shows UTF-8. -ENOMEM; *ret is left alone on failure. */
int packet_view_new(const struct packet_view_opts *opts, struct packet_view **ret);
void packet_view_free(struct packet_view *v);
DEFINE_CLEANUP(struct packet_view *, packet_view_free)

/* Takes the next event, in the order of time. 0, -ENOMEM, or the error of flush. */
int packet_view_add(struct packet_view *v, const struct event *ev);
/* For a live trace, now and then: shows packets to which nothing happened for a second before now_ns (CLOCK_MONOTONIC).
 * 0, -ENOMEM, or the error of flush. */
int packet_view_expire(struct packet_view *v, uint64_t now_ns);
/* Shows what is left, and the summary. 0, -ENOMEM, or the error of flush. */
int packet_view_end(struct packet_view *v);
/* Appends a line for people for each kind of events that did not fit into memory; nothing if all did. */
void packet_view_note(const struct packet_view *v, struct out *o);
