/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/decoder.h"

#include "record/blocks.h"
#include "record/entry.h"

/* Sets the members of *ev that a dictionary's entry holds. Number 0 means no entry. */
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
	for (int kind = REC_DICT_STRING + 1; kind < REC_DICT_MAX; kind++) {
		int r = fill(d, (enum rec_dict)kind, row->v[row_col_of(kind)], ret);

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

/* Empties the dictionaries that do not last. */
static void clear_traffic(struct decoder *d)
{
	for (int kind = REC_DICT_REASON + 1; kind < REC_DICT_MAX; kind++)
		dict_clear(&d->dicts[kind]);
}

static int decode_events(struct decoder *d, const void *payload, size_t len)
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
	clear_traffic(d);
	return r;
}

/* Entries of one dictionary, each preceded by its length. */
static int add_entries(struct dict *dict, struct rd *from)
{
	while (from->left) {
		uint64_t len;
		const void *p;
		int r;

		io_varint_get(from, &len);
		p = len <= RECORD_TEXT_MAX ? rd_bytes(from, (size_t)len) : NULL;
		if (!p || from->failed)
			return -EBADMSG;
		r = dict_add(dict, p, (size_t)len);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Skips dictionaries that only a newer minor version has. */
static int decode_dicts(struct decoder *d, const void *payload, size_t len)
{
	struct rd rd = rd_init(payload, len);

	while (rd.left) {
		uint64_t kind, bytes;
		struct rd entries;
		int r;

		io_varint_get(&rd, &kind);
		io_varint_get(&rd, &bytes);
		entries = rd_init(bytes <= rd.left ? rd.p : NULL, (size_t)bytes);
		if (!rd_bytes(&rd, (size_t)bytes))
			return -EBADMSG;
		r = kind < REC_DICT_MAX ? add_entries(&d->dicts[kind], &entries) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int decode_info(struct decoder *d, const void *payload, size_t len)
{
	struct io io = {.from = rd_init(payload, len), .strings = &d->texts};
	struct record_info info = {0};

	block_info_io(&io, &info);
	if (io.err)
		return io.err;
	return d->sink.info ? d->sink.info(d->sink.ctx, &info) : 0;
}

/* Behind an event it would be too late for a reader. */
static int decode_coverage(struct decoder *d, const void *payload, size_t len)
{
	int r = d->has_coverage || d->has_events ? -EBADMSG : coverage_decode(payload, len, &d->coverage);

	if (r < 0)
		return r;
	d->has_coverage = true;
	return d->sink.coverage ? d->sink.coverage(d->sink.ctx, &d->coverage.view) : 0;
}

static int decode_ledger(struct decoder *d, const void *payload, size_t len)
{
	struct io io = {.from = rd_init(payload, len), .strings = &d->texts};
	struct lost_events l = {0};

	block_ledger_io(&io, &l);
	if (io.err)
		return io.err;
	return d->sink.ledger ? d->sink.ledger(d->sink.ctx, &l) : 0;
}

/* Keeps the memory of strings, because events given to the sink before point to it. */
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
		return decode_info(d, payload, len);
	case REC_BLOCK_RESTART:
		restart(d);
		return 0;
	case REC_BLOCK_DICT:
		return decode_dicts(d, payload, len);
	case REC_BLOCK_EVENTS:
		d->has_events = true;
		return decode_events(d, payload, len);
	case REC_BLOCK_LEDGER:
		return decode_ledger(d, payload, len);
	case REC_BLOCK_COVERAGE:
		return decode_coverage(d, payload, len);
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
	clear_traffic(d);
	coverage_clear(&d->coverage);
	d->has_coverage = d->has_events = false;
	d->seq_base = d->seq_next;
	d->pkt_base = d->pkt_last;
}

void decoder_free(struct decoder *d)
{
	for (int kind = 0; kind < REC_DICT_MAX; kind++)
		dict_free(&d->dicts[kind]);
	dict_free(&d->texts);
	coverage_clear(&d->coverage);
	row_state_free(&d->state);
}
