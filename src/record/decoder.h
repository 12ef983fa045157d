/* SPDX-License-Identifier: GPL-2.0-only */
/* What is in the blocks, once the reader knows them to be whole. */
#pragma once

#include "event/parts.h"
#include "record/dict.h"
#include "record/reader.h"
#include "record/row.h"

struct decoder {
	struct record_sink sink;
	struct dict dicts[REC_DICT_MAX];
	struct dict texts; /* only kept strings */
	struct row_state state;
	struct event_parts parts;    /* of the event that is handed over */
	uint64_t seq_base, pkt_base; /* added to what is read */
	uint64_t seq_next, pkt_last; /* over all that was read */
};

void decoder_init(struct decoder *d, const struct record_sink *sink);
/* A recording begins. */
void decoder_begin(struct decoder *d);
/* -EBADMSG, -ENOMEM, or the sink's error. */
int decoder_block(struct decoder *d, enum rec_block type, const void *payload, size_t len);
void decoder_free(struct decoder *d);
