/* SPDX-License-Identifier: GPL-2.0-only */
/* Decodes the payloads of blocks whose checksums the reader has verified. */
#pragma once

#include "event/parts.h"
#include "record/coverage.h"
#include "record/dict.h"
#include "record/reader.h"
#include "record/row.h"

struct decoder {
	struct record_sink sink;
	struct dict dicts[REC_DICT_MAX];
	struct dict texts; /* memory of strings that are in no dictionary */
	struct row_state state;
	struct event_parts parts; /* of the event that the sink is called with */
	struct coverage coverage; /* of this recording */
	bool has_coverage, has_events;
	uint64_t seq_base, pkt_base; /* added to the numbers of this recording */
	uint64_t seq_next, pkt_last; /* over all recordings */
};

void decoder_init(struct decoder *d, const struct record_sink *sink);
/* Starts a new recording. */
void decoder_begin(struct decoder *d);
/* -EBADMSG, -ENOMEM, or the sink's error. */
int decoder_block(struct decoder *d, enum rec_block type, const void *payload, size_t len);
void decoder_free(struct decoder *d);
