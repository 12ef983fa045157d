/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes a recording. Its memory depends on the number of the kernel's functions, not on the traffic. */
#pragma once

#include "base/cleanup.h"
#include "event/event.h"
#include "event/lost_events.h"
#include "record/record.h"

struct record_writer;

/* Writes all len bytes. 0, or -errno, which ends the recording. */
typedef int (*record_write_fn)(void *ctx, const void *data, size_t len);

/* Writes the beginning of the recording. Keeps no pointer to info. -ENOMEM, -E2BIG if a text is longer than
 * RECORD_TEXT_MAX, or the callback's error; *ret is unchanged on failure. */
int record_writer_new(record_write_fn write, void *ctx, const struct record_info *info, struct record_writer **ret);
void record_writer_free(struct record_writer *w);
DEFINE_CLEANUP(struct record_writer *, record_writer_free)

/* Says what the trace can see; once, before all events. Errors as of record_writer_new(). */
int record_writer_coverage(struct record_writer *w, const struct record_coverage *c);
/* Adds an event, and keeps no pointer to it. It is written when a block is full, or at the next flush; a crash loses
 * the events since then. After an error all calls return that error and write nothing. */
int record_writer_event(struct record_writer *w, const struct event *ev);
int record_writer_flush(struct record_writer *w);
/* Ends the recording: flushes and writes the ledger. */
int record_writer_ledger(struct record_writer *w, const struct lost_events *l);

/* Bytes that the callback has written so far. */
uint64_t record_writer_bytes(const struct record_writer *w);
