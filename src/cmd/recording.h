/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace's recording, on its way into a file. */
#pragma once

#include <sys/utsname.h>

#include "base/buf.h"
#include "base/reason.h"
#include "event/event.h"
#include "event/ledger.h"
#include "record/record.h"

/* What a trace that runs now says of itself. */
struct recording_info {
	struct record_info info; /* borrows from the others */
	struct utsname kernel;
	struct buf command; /* owned */
};

/* *ret must not move. What is not known stays NULL. */
void recording_info_fill(int64_t wall_offset_ns, struct recording_info *ret);
void recording_info_clear(struct recording_info *i);

struct recording;

/* Makes the file at path anew (mode 0600; a symlink is refused), "-" is standard output, and begins the recording
 * there. -errno with a reason; *ret is left alone then. */
int recording_start(const char *path, int64_t wall_offset_ns, struct recording **ret, struct reason *reason);
/* Adds an event. The first error stays, and is returned by each of these. */
int recording_event(struct recording *rec, const struct event *ev);
/* What was added reaches the file. */
int recording_flush(struct recording *rec);
/* Ends the recording. -errno with a reason if anything of it could not be written. */
int recording_finish(struct recording *rec, const struct ledger *l, struct reason *reason);
/* Frees it; a recording that was not finished can be read up to its last flush. NULL is fine. */
void recording_free(struct recording *rec);
DEFINE_CLEANUP(struct recording *, recording_free)
