/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads one recording, or several in a row, from pieces of any size. The input is not trusted. Memory is at most a
 * constant factor of the bytes fed. */
#pragma once

#include "base/cleanup.h"
#include "base/reason.h"
#include "event/event.h"
#include "event/lost_events.h"
#include "record/record.h"

/* Called with the contents of a recording, in order. Strings are valid as long as the reader. Return 0, or -errno,
 * which ends the reading. Each function may be NULL. */
struct record_sink {
	int (*info)(void *ctx, const struct record_info *info);
	/* Valid until the next recording begins. */
	int (*coverage)(void *ctx, const struct record_coverage *c);
	/* The numbers seq and pkt continue from one recording to the next. */
	int (*event)(void *ctx, const struct event *ev);
	int (*ledger)(void *ctx, const struct lost_events *l);
	void *ctx;
};

struct record_reader;

/* 0 or -ENOMEM; *ret is unchanged on failure. */
int record_reader_new(const struct record_sink *sink, struct record_reader **ret);
void record_reader_free(struct record_reader *r);
DEFINE_CLEANUP(struct record_reader *, record_reader_free)

/* Takes the next bytes, and calls the sink with the blocks that are now complete. -EBADMSG if they are damaged or not a
 * recording, -EPROTO if they are of a newer major version, both with a reason that names the offset and the block;
 * -ENOMEM; or the sink's error. The sink was called with the blocks before the error. Later calls return the first
 * error. */
int record_reader_feed(struct record_reader *r, const void *data, size_t len, struct reason *reason);
/* Ends the input. -ENODATA with a reason if the recording ends before its ledger; the sink was called with all complete
 * blocks. -EBADMSG with a reason if it was not a recording. After these errors and 0, another recording may be fed. If
 * a call failed before, its error. */
int record_reader_end(struct record_reader *r, struct reason *reason);

/* The number of recordings that began, also if no block of theirs was read. */
uint64_t record_reader_recordings(const struct record_reader *r);
/* The number of blocks skipped because only a newer minor version knows them. */
uint64_t record_reader_skipped(const struct record_reader *r);
