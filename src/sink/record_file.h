/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording in a file: read into a record_reader, or written event by event. "-" is standard input or output. */
#pragma once

#include "event/event.h"
#include "event/lost_events.h"
#include "record/reader.h"

/* Called before reading has to wait for more. -errno ends the reading. */
struct record_file_idle {
	int (*fn)(void *ctx);
	void *ctx;
};

/* Reads the whole file. idle: NULL, or what is called before a wait. -errno with a reason that does not name the file;
 * -ENODATA if the recording ends before its ledger. Events before the error were handed over. */
int record_file_read(struct record_reader *reader, const char *path, const struct record_file_idle *idle,
		     struct reason *reason);

struct record_file;

/* Creates the file anew (mode 0600; a symlink is refused). path is borrowed. -errno with a reason; *ret is left alone
 * then. */
int record_file_open(const char *path, struct record_file **ret, struct reason *reason);
/* Writes what was traced; once, before the following functions. -errno with a reason. */
int record_file_begin(struct record_file *f, const struct record_info *info, struct reason *reason);
/* Says what the trace can see; once, before all events. 0 or -errno. */
int record_file_coverage(struct record_file *f, const struct record_coverage *c);
/* Adds an event. 0 or -errno; the first error stays, and each of these returns it. */
int record_file_event(struct record_file *f, const struct event *ev);
/* Writes what was added to the file. */
int record_file_flush(struct record_file *f);
/* Ends the recording with the ledger. -errno with a reason if anything of it could not be written. */
int record_file_finish(struct record_file *f, const struct lost_events *l, struct reason *reason);
/* A recording that was not finished can be read up to its last flush. */
void record_file_free(struct record_file *f);
DEFINE_CLEANUP(struct record_file *, record_file_free)
