/* SPDX-License-Identifier: GPL-2.0-only */
/* --svg, --html, --pcapng: packets as files for others to look at, beside what is shown. */
#pragma once

#include "base/cleanup.h"
#include "base/reason.h"
#include "event/event.h"
#include "event/ledger.h"
#include "record/record.h"

struct exports_opts {
	const char *svg, *html, *pcapng; /* files; NULL: not wanted; "-": standard output, for one of them */
};

bool exports_wanted(const struct exports_opts *o);
/* Whether one of them is standard output. */
bool exports_to_stdout(const struct exports_opts *o);

struct exports;

/* Makes the files. -errno with a reason; *ret is left alone then. */
int exports_new(const struct exports_opts *o, struct exports **ret, struct reason *reason);
void exports_free(struct exports *e);
DEFINE_CLEANUP(struct exports *, exports_free)

/* How the trace was made, before its events. Its strings must outlive the exports. 0 or -ENOMEM. */
int exports_info(struct exports *e, const struct record_info *info);
/* In the order of time. 0 or -errno. */
int exports_event(struct exports *e, const struct event *ev);
/* What can be written before the end is. 0 or -errno, also from then on. */
int exports_flush(struct exports *e);
/* Writes the files and closes them; l is NULL if the trace's end is not known. -errno with a reason; -EPIPE if the
 * reader of standard output has gone. */
int exports_finish(struct exports *e, const struct ledger *l, struct reason *reason);
