/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * An event is written as entries of dictionaries and a row of numbers that refers to them (row.h). New entries are
 * collected in fresh[], rows in rows. A flush writes the new entries before the rows, so that a reader knows each entry
 * before a row refers to it. Then it empties the dictionaries that do not last, and resets the predictions.
 */
#include "record/writer.h"

#include <zlib.h>

#include "event/parts.h"
#include "record/blocks.h"
#include "record/coverage.h"
#include "record/dict.h"
#include "record/entry.h"
#include "record/row.h"

struct record_writer {
	record_write_fn write;
	void *ctx;
	int err; /* the first error */
	uint32_t n_blocks;
	uint64_t bytes;
	struct dict dicts[REC_DICT_MAX];
	struct buf fresh[REC_DICT_MAX]; /* entries not written yet, each with its length */
	struct buf rows;
	struct buf entry; /* scratch: the entry or payload being encoded */
	struct buf out;	  /* blocks ready to be written */
	struct row_state state;
};

static int add_block(struct record_writer *w, enum rec_block type, const struct buf *payload)
{
	uint8_t head[REC_BLOCK_HEADER_BYTES];
	uLong crc;
	int r;

	io_put_le32(head, type);
	io_put_le32(head + 4, w->n_blocks++);
	io_put_le32(head + 8, (uint32_t)payload->len);
	crc = crc32(crc32(0, Z_NULL, 0), head, 12);
	if (payload->len)
		crc = crc32(crc, (const Bytef *)payload->data, (uInt)payload->len);
	io_put_le32(head + 12, (uint32_t)crc);
	r = buf_append(&w->out, head, sizeof(head));
	return r < 0 ? r : buf_append(&w->out, payload->data, payload->len);
}

static int add_header(struct record_writer *w)
{
	uint8_t head[REC_HEADER_BYTES] = REC_MAGIC;

	head[8] = RECORD_MAJOR;
	head[10] = RECORD_MINOR;
	io_put_le32(head + 12, (uint32_t)crc32(crc32(0, Z_NULL, 0), head, 12));
	return buf_append(&w->out, head, sizeof(head));
}

static int write_out(struct record_writer *w)
{
	int r = w->write(w->ctx, w->out.data, w->out.len);

	if (r < 0)
		return r;
	w->bytes += w->out.len;
	w->out.len = 0;
	return 0;
}

/* Keeps the first error, which it returns. */
static int finish(struct record_writer *w, int r)
{
	if (r < 0 && !w->err)
		w->err = r;
	return w->err;
}

/* Adds a block of all new entries of the dictionaries, if there are any. */
static int add_fresh(struct record_writer *w)
{
	int r = 0;

	w->entry.len = 0;
	for (int kind = 0; kind < REC_DICT_MAX; kind++) {
		struct buf *fresh = &w->fresh[kind];

		if (!fresh->len)
			continue;
		r = io_append_varint(&w->entry, (uint64_t)kind);
		if (r >= 0)
			r = io_append_sized(&w->entry, fresh->data, fresh->len);
		if (r < 0)
			return r;
		fresh->len = 0;
	}
	return w->entry.len ? add_block(w, REC_BLOCK_DICT, &w->entry) : 0;
}

static int flush(struct record_writer *w)
{
	int r;

	if (!w->rows.len)
		return 0;
	r = add_fresh(w);
	if (r >= 0)
		r = add_block(w, REC_BLOCK_EVENTS, &w->rows);
	if (r < 0)
		return r;
	w->rows.len = 0;
	row_state_clear(&w->state);
	for (int kind = REC_DICT_REASON + 1; kind < REC_DICT_MAX; kind++)
		dict_clear(&w->dicts[kind]);
	return write_out(w);
}

/* Empties the lasting dictionaries once they are full, which bounds their memory. A kernel has far fewer functions; but
 * one that loads and unloads modules or BPF programs all day can fill them. */
static int restart_if_full(struct record_writer *w)
{
	struct buf none = {0};
	uint64_t n = 0;
	int r;

	for (int kind = 0; kind <= REC_DICT_REASON; kind++)
		n += dict_count(&w->dicts[kind]);
	if (n < REC_LASTING_MAX)
		return 0;
	r = flush(w);
	for (int kind = 0; kind <= REC_DICT_REASON; kind++)
		dict_clear(&w->dicts[kind]);
	return r < 0 ? r : add_block(w, REC_BLOCK_RESTART, &none);
}

/* Sets *ret to the number of the event's entry in one dictionary, or to 0 if it has none. */
static int refer(struct record_writer *w, enum rec_dict kind, struct event *ev, uint64_t *ret)
{
	struct io io = {.to = &w->entry, .strings = &w->dicts[REC_DICT_STRING], .fresh = &w->fresh[REC_DICT_STRING]};
	uint32_t id;
	int r;

	*ret = 0;
	if (!entry_present(kind, ev))
		return 0;
	w->entry.len = 0;
	entry_io(kind, &io, ev);
	if (io.err)
		return io.err;
	r = dict_put(&w->dicts[kind], w->entry.data, w->entry.len, &id);
	if (r > 0)
		r = io_append_sized(&w->fresh[kind], w->entry.data, w->entry.len);
	if (r < 0)
		return r;
	*ret = (uint64_t)id + 1;
	return 0;
}

static int to_row(struct record_writer *w, const struct event *ev, struct row *ret)
{
	struct event copy = *ev; /* entry_io() takes no const */
	struct event_parts parts;

	if (ev->parts) {
		parts = *ev->parts;
		copy.parts = &parts;
	}
	*ret = (struct row){0};
	for (int kind = REC_DICT_STRING + 1; kind < REC_DICT_MAX; kind++) {
		int r = refer(w, (enum rec_dict)kind, &copy, &ret->v[row_col_of(kind)]);

		if (r < 0)
			return r;
	}
	ret->v[REC_COL_LEN] = ev->len_bytes;
	ret->v[REC_COL_SOURCE] = ev->source;
	ret->v[REC_COL_MARK] = ev->mark;
	ret->v[REC_COL_PROTO] = ev->proto;
	ret->v[REC_COL_SEQ] = ev->seq;
	ret->v[REC_COL_CPU_SEQ] = ev->cpu_seq;
	ret->v[REC_COL_TS] = ev->ts_ns;
	return row_state_cpus(&w->state, dict_count(&w->dicts[REC_DICT_CPU]));
}

static size_t pending_bytes(const struct record_writer *w)
{
	size_t sum = w->rows.len;

	for (int kind = 0; kind < REC_DICT_MAX; kind++)
		sum += w->fresh[kind].len;
	return sum;
}

int record_writer_event(struct record_writer *w, const struct event *ev)
{
	struct row row;
	int r;

	if (w->err)
		return w->err;
	r = restart_if_full(w);
	if (r >= 0)
		r = to_row(w, ev, &row);
	if (r >= 0)
		r = row_write(&w->state, &row, &w->rows);
	if (r >= 0 && pending_bytes(w) >= REC_BLOCK_BYTES)
		r = flush(w);
	return finish(w, r);
}

int record_writer_flush(struct record_writer *w)
{
	return w->err ? w->err : finish(w, flush(w));
}

int record_writer_coverage(struct record_writer *w, const struct record_coverage *c)
{
	int r;

	if (w->err)
		return w->err;
	w->entry.len = 0;
	r = coverage_encode(c, &w->entry);
	if (r >= 0)
		r = add_block(w, REC_BLOCK_COVERAGE, &w->entry);
	return finish(w, r < 0 ? r : write_out(w));
}

int record_writer_ledger(struct record_writer *w, const struct lost_events *l)
{
	struct io io = {.to = &w->entry};
	struct lost_events copy = *l;
	int r = record_writer_flush(w);

	if (r < 0)
		return r;
	w->entry.len = 0;
	block_ledger_io(&io, &copy);
	r = io.err ? io.err : add_block(w, REC_BLOCK_LEDGER, &w->entry);
	return finish(w, r < 0 ? r : write_out(w));
}

uint64_t record_writer_bytes(const struct record_writer *w)
{
	return w->bytes;
}

int record_writer_new(record_write_fn write, void *ctx, const struct record_info *info, struct record_writer **ret)
{
	_cleanup_(record_writer_freep) struct record_writer *w = calloc(1, sizeof(*w));
	struct record_info copy = *info;
	struct io io = {0};
	int r;

	if (!w)
		return -ENOMEM;
	w->write = write;
	w->ctx = ctx;
	io.to = &w->entry;
	block_info_io(&io, &copy);
	r = io.err ? io.err : add_header(w);
	if (r >= 0)
		r = add_block(w, REC_BLOCK_INFO, &w->entry);
	if (r >= 0)
		r = write_out(w);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(w);
	return 0;
}

void record_writer_free(struct record_writer *w)
{
	if (!w)
		return;
	for (int kind = 0; kind < REC_DICT_MAX; kind++) {
		dict_free(&w->dicts[kind]);
		buf_free(&w->fresh[kind]);
	}
	buf_free(&w->rows);
	buf_free(&w->entry);
	buf_free(&w->out);
	row_state_free(&w->state);
	free(w);
}
