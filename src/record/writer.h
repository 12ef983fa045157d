/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes a recording. Its memory is bounded by the kernel's functions, not by the traffic. */
#pragma once

#include "base/cleanup.h"
#include "event/event.h"
#include "event/ledger.h"
#include "record/record.h"

struct record_writer;

/* Takes all of it: 0, or -errno, which ends the recording. */
typedef int (*record_write_fn)(void *ctx, const void *data, size_t len);

/* Writes the beginning of the recording. info is looked at until this returns. -ENOMEM, -E2BIG if a text is above
 * RECORD_TEXT_MAX, or the callback's error; *ret is left alone on failure. */
int record_writer_new(record_write_fn write, void *ctx, const struct record_info *info, struct record_writer **ret);
void record_writer_free(struct record_writer *w);
DEFINE_CLEANUP(struct record_writer *, record_writer_free)

/* Adds an event; nothing of it is kept. It is written when a block is full or at the next flush: call that often enough
 * that a crash costs little. The first error stays: all later calls return it and write nothing. */
int record_writer_event(struct record_writer *w, const struct event *ev);
int record_writer_flush(struct record_writer *w);
/* Ends the recording: flushes, and says how the trace went. */
int record_writer_ledger(struct record_writer *w, const struct ledger *l);

/* Bytes handed to the callback so far. */
uint64_t record_writer_bytes(const struct record_writer *w);
