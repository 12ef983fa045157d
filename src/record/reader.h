/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads a recording, or several one after the other, from pieces of any size. Nothing in it is trusted; memory stays
 * within a constant factor of what was fed. */
#pragma once

#include "base/cleanup.h"
#include "base/reason.h"
#include "event/event.h"
#include "event/ledger.h"
#include "record/record.h"

/* Told what is in a recording, in its order. Strings live as long as the reader. 0, or -errno, which ends the reading.
 * Each may be NULL. */
struct record_sink {
	int (*info)(void *ctx, const struct record_info *info);
	/* seq and pkt go on counting over the recordings that follow the first. */
	int (*event)(void *ctx, const struct event *ev);
	int (*ledger)(void *ctx, const struct ledger *l);
	void *ctx;
};

struct record_reader;

/* -ENOMEM; *ret is left alone on failure. */
int record_reader_new(const struct record_sink *sink, struct record_reader **ret);
void record_reader_free(struct record_reader *r);
DEFINE_CLEANUP(struct record_reader *, record_reader_free)

/* Takes the next bytes and hands over what became whole. -EBADMSG if they are damaged or no recording, -EPROTO if they
 * are a newer major's, both with a reason that names the offset and the block; -ENOMEM, or the sink's error. What came
 * before was handed over. The first error stays. */
int record_reader_feed(struct record_reader *r, const void *data, size_t len, struct reason *reason);
/* Says that there are no more bytes. -ENODATA with a reason if the recording stops before its ledger: all whole blocks
 * were handed over. -EBADMSG with a reason if it was none. Another recording may be fed after these. Otherwise the
 * first error. */
int record_reader_end(struct record_reader *r, struct reason *reason);

/* Blocks of kinds that only a newer minor knows. */
uint64_t record_reader_skipped(const struct record_reader *r);
