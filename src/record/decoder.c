/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/decoder.h"

#include "record/entry.h"
#include "record/frame.h"

/* The column that refers to each dictionary. */
static const struct {
	enum rec_dict kind;
	enum rec_col col;
} references[] = {
	{REC_DICT_SITE, REC_COL_SITE},	   {REC_DICT_PLACE, REC_COL_PLACE},   {REC_DICT_REASON, REC_COL_REASON},
	{REC_DICT_CPU, REC_COL_CPU},	   {REC_DICT_PACKET, REC_COL_PACKET}, {REC_DICT_NETNS, REC_COL_NETNS},
	{REC_DICT_DEV, REC_COL_DEV},	   {REC_DICT_TASK, REC_COL_TASK},     {REC_DICT_TUPLE, REC_COL_TUPLE},
	{REC_DICT_PARTS, REC_COL_PARTS},   {REC_DICT_BYTES, REC_COL_BYTES},   {REC_DICT_PROG, REC_COL_PROG},
	{REC_DICT_RETURN, REC_COL_RETURN},
};

/* Fills the event's part from an entry; number 0 leaves it as it is, zero. */
static int fill(struct decoder *d, enum rec_dict kind, uint64_t number, struct event *ev)
{
	struct io io = {.strings = &d->dicts[REC_DICT_STRING]};
	const void *data;
	size_t len;

	if (!number)
		return 0;
	if (number > dict_count(&d->dicts[kind]))
		return -EBADMSG;
	data = dict_at(&d->dicts[kind], (uint32_t)number - 1, &len);
	io.from = rd_init(data, len);
	entry_io(kind, &io, ev);
	return io.err;
}

static int to_event(struct decoder *d, const struct row *row, struct event *ret)
{
	*ret = (struct event){.parts = row->v[REC_COL_PARTS] ? &d->parts : NULL};
	for (size_t i = 0; i < ARRAY_SIZE(references); i++) {
		int r = fill(d, references[i].kind, row->v[references[i].col], ret);

		if (r < 0)
			return r;
	}
	if (row->v[REC_COL_LEN] > UINT32_MAX || row->v[REC_COL_MARK] > UINT32_MAX || row->v[REC_COL_PROTO] > UINT16_MAX)
		return -EBADMSG;
	ret->len_bytes = (uint32_t)row->v[REC_COL_LEN];
	ret->mark = (uint32_t)row->v[REC_COL_MARK];
	ret->proto = (uint16_t)row->v[REC_COL_PROTO];
	ret->source = (enum st_source)row->v[REC_COL_SOURCE];
	ret->ts_ns = row->v[REC_COL_TS];
	ret->cpu_seq = row->v[REC_COL_CPU_SEQ];
	ret->seq = row->v[REC_COL_SEQ] + d->seq_base;
	if (ret->pkt)
		ret->pkt += d->pkt_base;
	return 0;
}

static int events(struct decoder *d, const void *payload, size_t len)
{
	struct rd rd = rd_init(payload, len);
	int r = row_state_cpus(&d->state, dict_count(&d->dicts[REC_DICT_CPU]));

	while (r >= 0 && rd.left) {
		struct event ev;
		struct row row;

		r = row_read(&d->state, &rd, &row);
		if (r >= 0)
			r = to_event(d, &row, &ev);
		if (r < 0)
			break;
		d->seq_next = ev.seq + 1 > d->seq_next ? ev.seq + 1 : d->seq_next;
		d->pkt_last = ev.pkt > d->pkt_last ? ev.pkt : d->pkt_last;
		r = d->sink.event ? d->sink.event(d->sink.ctx, &ev) : 0;
	}
	row_state_clear(&d->state);
	for (int kind = REC_DICT_REASON + 1; kind < REC_DICT_MAX; kind++)
		dict_clear(&d->dicts[kind]);
	return r;
}

/* Entries of one kind, each with its length. */
static int add_entries(struct dict *dict, struct rd *from)
{
	while (from->left) {
		uint64_t len;
		const void *p;
		int r;

		varint_get(from, &len);
		p = len <= RECORD_TEXT_MAX ? rd_bytes(from, (size_t)len) : NULL;
		if (!p || from->failed)
			return -EBADMSG;
		r = dict_add(dict, p, (size_t)len);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A newer minor's kinds are stepped over. */
static int dictionary(struct decoder *d, const void *payload, size_t len)
{
	struct rd rd = rd_init(payload, len);

	while (rd.left) {
		uint64_t kind, bytes;
		struct rd entries;
		int r;

		varint_get(&rd, &kind);
		varint_get(&rd, &bytes);
		entries = rd_init(bytes <= rd.left ? rd.p : NULL, (size_t)bytes);
		if (!rd_bytes(&rd, (size_t)bytes))
			return -EBADMSG;
		r = kind < REC_DICT_MAX ? add_entries(&d->dicts[kind], &entries) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int information(struct decoder *d, const void *payload, size_t len)
{
	struct io io = {.from = rd_init(payload, len), .strings = &d->texts};
	struct record_info info = {0};

	info_io(&io, &info);
	if (io.err)
		return io.err;
	return d->sink.info ? d->sink.info(d->sink.ctx, &info) : 0;
}

static int closing(struct decoder *d, const void *payload, size_t len)
{
	struct io io = {.from = rd_init(payload, len), .strings = &d->texts};
	struct ledger l = {0};

	ledger_io(&io, &l);
	if (io.err)
		return io.err;
	return d->sink.ledger ? d->sink.ledger(d->sink.ctx, &l) : 0;
}

/* Events that were handed over still point to strings of the lasting dictionaries. */
static void restart(struct decoder *d)
{
	dict_forget(&d->dicts[REC_DICT_STRING]);
	for (int kind = REC_DICT_STRING + 1; kind <= REC_DICT_REASON; kind++)
		dict_clear(&d->dicts[kind]);
}

int decoder_block(struct decoder *d, enum rec_block type, const void *payload, size_t len)
{
	switch (type) {
	case REC_BLOCK_INFO:
		return information(d, payload, len);
	case REC_BLOCK_RESTART:
		restart(d);
		return 0;
	case REC_BLOCK_DICT:
		return dictionary(d, payload, len);
	case REC_BLOCK_EVENTS:
		return events(d, payload, len);
	case REC_BLOCK_LEDGER:
		return closing(d, payload, len);
	default:
		return -EBADMSG;
	}
}

void decoder_init(struct decoder *d, const struct record_sink *sink)
{
	*d = (struct decoder){.sink = *sink};
}

void decoder_begin(struct decoder *d)
{
	restart(d);
	for (int kind = REC_DICT_REASON + 1; kind < REC_DICT_MAX; kind++)
		dict_clear(&d->dicts[kind]);
	d->seq_base = d->seq_next;
	d->pkt_base = d->pkt_last;
}

void decoder_free(struct decoder *d)
{
	for (int kind = 0; kind < REC_DICT_MAX; kind++)
		dict_free(&d->dicts[kind]);
	dict_free(&d->texts);
	row_state_free(&d->state);
}
