/* SPDX-License-Identifier: GPL-2.0-only */
/* --path, --wide, --summary: packets instead of events, for a live trace and for a recording. */
#pragma once

#include "event/event.h"
#include "render/path.h"

struct path_view_opts {
	bool path, wide, summary; /* wide implies path */
	bool json, color;
	bool live;		 /* packets are shown when nothing happened to them for a second */
	struct out *out;	 /* borrowed; where it is written */
	int (*flush)(void *ctx); /* empties it; negative: give up. Called when much has gathered */
	void *ctx;
};

static inline bool path_view_wanted(const struct path_view_opts *o)
{
	return o->path || o->wide || o->summary;
}

struct path_view;

/* -ENOMEM; *ret is left alone on failure. Box drawing if the locale's variables say UTF-8. */
int path_view_new(const struct path_view_opts *opts, struct path_view **ret);
void path_view_free(struct path_view *v);
DEFINE_CLEANUP(struct path_view *, path_view_free)

/* In the order of time. -ENOMEM, or what flush returned; so the others. */
int path_view_add(struct path_view *v, const struct event *ev);
/* Now and then in a live trace. */
int path_view_expire(struct path_view *v, uint64_t now_ns);
/* Shows what is left, and the summary. */
int path_view_end(struct path_view *v);
/* What did not fit, as a line for people; nothing if all did. */
void path_view_note(const struct path_view *v, struct out *o);

/* Whether LC_ALL, LC_CTYPE or LANG, the first that is set, is of UTF-8. */
bool locale_is_utf8(void);
/* Columns of the terminal at fd, else of the variable COLUMNS; 0 unknown. */
unsigned terminal_width(int fd);
