/* SPDX-License-Identifier: GPL-2.0-only */
/* --svg, --html, --pcapng: files that show packets in a browser, or events in Wireshark. */
#pragma once

#include "base/cleanup.h"
#include "base/reason.h"
#include "event/event.h"
#include "event/lost_events.h"
#include "record/record.h"

struct exports_opts {
	const char *svg, *html, *pcapng; /* paths; NULL: none; "-": standard output, for one of them at most */
};

bool exports_wanted(const struct exports_opts *o);
/* The option, without dashes, whose file is standard output; NULL: none. */
const char *exports_stdout_option(const struct exports_opts *o);

struct exports;

/* Creates the files; the paths are borrowed. -errno with a reason; *ret is left alone then. */
int exports_new(const struct exports_opts *o, struct exports **ret, struct reason *reason);
void exports_free(struct exports *e);
DEFINE_CLEANUP(struct exports *, exports_free)

/* Tells how the trace was made, before its events. The strings of info must outlive the exports. 0 or -ENOMEM. */
int exports_info(struct exports *e, const struct record_info *info);
/* Takes the next event, in the order of time. 0 or -errno. */
int exports_event(struct exports *e, const struct event *ev);
/* Writes the frames so far of --pcapng; the other files are written at the end. 0 or -errno; the first error stays. */
int exports_flush(struct exports *e);
/* Writes the rest and closes the files. l: the ledger of the trace, NULL if it is unknown. -errno with a reason; -EPIPE
 * if the reader of standard output has gone. */
int exports_finish(struct exports *e, const struct lost_events *l, struct reason *reason);
