/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording as a check reads it: a file with one recording, perhaps cut off. */
#pragma once

#include "base/reason.h"
#include "check/recorded_coverage.h"
#include "record/reader.h"

struct recording {
	struct record_reader *reader; /* owned; the events' strings, and those below, live as long */
	struct recorded_making making;
	struct lost_events ledger; /* of a recording that was cut off it says why no loss can be ruled out */
};

/*
 * Hands each event of the recording to on_event, which returns 0 or -errno. path: - is standard input. A recording that
 * was cut off is judged by what it holds. *ret is to be cleared by recording_clear(), and left alone on failure.
 *
 * -errno with a reason. More than one recording, or anything behind the end of one, is an error.
 */
int read_recording(const char *path, int (*on_event)(void *ctx, const struct event *ev), void *ctx,
		   struct recording *ret, struct reason *reason);
void recording_clear(struct recording *r);
