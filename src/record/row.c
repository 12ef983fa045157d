/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/row.h"

#include <assert.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"

struct row_cpu {
	struct row last;
	uint64_t next[ST_SRC_MAX]; /* cpu_seq by source */
};

enum prediction {
	PREDICT_PREV, /* as in the previous row */
	PREDICT_NEXT, /* one more than in the previous row */
	PREDICT_CPU,  /* as in the previous row of this CPU */
	PREDICT_ZERO,
	PREDICT_CPU_NEXT, /* one more than in the previous row of this CPU and source */
};

static const struct {
	enum prediction prediction;
	bool difference; /* a zigzag-encoded difference from the prediction is written, not the number itself */
} cols[] = {
	[REC_COL_CPU] = {PREDICT_PREV},	      [REC_COL_PACKET] = {PREDICT_CPU},
	[REC_COL_LEN] = {PREDICT_CPU},	      [REC_COL_NETNS] = {PREDICT_CPU},
	[REC_COL_DEV] = {PREDICT_CPU},	      [REC_COL_TUPLE] = {PREDICT_CPU},
	[REC_COL_TASK] = {PREDICT_CPU},	      [REC_COL_SOURCE] = {PREDICT_ZERO},
	[REC_COL_MARK] = {PREDICT_CPU},	      [REC_COL_PROTO] = {PREDICT_CPU},
	[REC_COL_LOCATION] = {PREDICT_ZERO},  [REC_COL_REASON] = {PREDICT_ZERO},
	[REC_COL_SEQ] = {PREDICT_NEXT, true}, [REC_COL_CPU_SEQ] = {PREDICT_CPU_NEXT, true},
	[REC_COL_PARTS] = {PREDICT_ZERO},     [REC_COL_BYTES] = {PREDICT_CPU},
	[REC_COL_PROG] = {PREDICT_ZERO},      [REC_COL_RETURN] = {PREDICT_ZERO},
};
static_assert(ARRAY_SIZE(cols) == REC_COL_MASKED, "every column is predicted");
static_assert((int)REC_COL_CPU < (int)REC_COL_PACKET && (int)REC_COL_SOURCE < (int)REC_COL_CPU_SEQ,
	      "a prediction needs only columns of lower bits");

enum rec_col row_col_of(enum rec_dict kind)
{
	static const enum rec_col cols_of[REC_DICT_MAX] = {
		[REC_DICT_SITE] = REC_COL_SITE,	    [REC_DICT_LOCATION] = REC_COL_LOCATION,
		[REC_DICT_REASON] = REC_COL_REASON, [REC_DICT_CPU] = REC_COL_CPU,
		[REC_DICT_PACKET] = REC_COL_PACKET, [REC_DICT_NETNS] = REC_COL_NETNS,
		[REC_DICT_DEV] = REC_COL_DEV,	    [REC_DICT_TASK] = REC_COL_TASK,
		[REC_DICT_TUPLE] = REC_COL_TUPLE,   [REC_DICT_PARTS] = REC_COL_PARTS,
		[REC_DICT_BYTES] = REC_COL_BYTES,   [REC_DICT_PROG] = REC_COL_PROG,
		[REC_DICT_RETURN] = REC_COL_RETURN,
	};

	return cols_of[kind];
}

int row_state_cpus(struct row_state *s, uint32_t n)
{
	for (; s->n_cpus < n; s->n_cpus++) {
		if (ARRAY_GROW(s->cpus, s->n_cpus) < 0)
			return -ENOMEM;
		s->cpus[s->n_cpus] = (struct row_cpu){0};
	}
	return 0;
}

void row_state_clear(struct row_state *s)
{
	s->prev = (struct row){0};
	s->n_cpus = 0;
}

void row_state_free(struct row_state *s)
{
	free(s->cpus);
	*s = (struct row_state){0};
}

/* *row must hold all columns of lower bits. */
static uint64_t predict(const struct row_state *s, const struct row *row, enum rec_col col)
{
	const struct row_cpu *cpu;

	if (col == REC_COL_CPU)
		return s->prev.v[col];
	cpu = &s->cpus[row->v[REC_COL_CPU] - 1];
	switch (cols[col].prediction) {
	case PREDICT_NEXT:
		return s->prev.v[col] + 1;
	case PREDICT_CPU:
		return cpu->last.v[col];
	case PREDICT_CPU_NEXT:
		return cpu->next[row->v[REC_COL_SOURCE]];
	default:
		return 0;
	}
}

static void learn(struct row_state *s, const struct row *row)
{
	struct row_cpu *cpu = &s->cpus[row->v[REC_COL_CPU] - 1];

	s->prev = *row;
	cpu->last = *row;
	cpu->next[row->v[REC_COL_SOURCE]] = row->v[REC_COL_CPU_SEQ] + 1;
}

int row_write(struct row_state *s, const struct row *row, struct buf *to)
{
	uint8_t bytes[(REC_COL_MAX + 1) * IO_VARINT_BYTES_MAX], *p = bytes;
	uint64_t mask = 0, predicted[REC_COL_MASKED];

	for (int col = 0; col < REC_COL_MASKED; col++) {
		predicted[col] = predict(s, row, (enum rec_col)col);
		mask |= (uint64_t)(predicted[col] != row->v[col]) << col;
	}
	p += io_varint_put(p, mask);
	p += io_varint_put(p, io_zigzag((int64_t)(row->v[REC_COL_TS] - s->prev.v[REC_COL_TS])));
	p += io_varint_put(p, row->v[REC_COL_SITE]);
	for (int col = 0; col < REC_COL_MASKED; col++) {
		uint64_t v = row->v[col];

		if (mask & UINT64_C(1) << col)
			p += io_varint_put(p, cols[col].difference ? io_zigzag((int64_t)(v - predicted[col])) : v);
	}
	learn(s, row);
	return buf_append(to, bytes, (size_t)(p - bytes));
}

static uint64_t col_read(const struct row_state *s, struct rd *from, const struct row *row, enum rec_col col,
			 bool differs)
{
	uint64_t predicted = predict(s, row, col), v;

	if (!differs)
		return predicted;
	io_varint_get(from, &v);
	return cols[col].difference ? predicted + (uint64_t)io_unzigzag(v) : v;
}

static bool col_valid(const struct row_state *s, enum rec_col col, uint64_t v)
{
	if (col == REC_COL_CPU)
		return v >= 1 && v <= s->n_cpus;
	return col != REC_COL_SOURCE || v < ST_SRC_MAX;
}

int row_read(struct row_state *s, struct rd *from, struct row *ret)
{
	uint64_t mask, ts;
	struct row row;

	io_varint_get(from, &mask);
	io_varint_get(from, &ts);
	row.v[REC_COL_TS] = s->prev.v[REC_COL_TS] + (uint64_t)io_unzigzag(ts);
	io_varint_get(from, &row.v[REC_COL_SITE]);
	for (int col = 0; col < REC_COL_MASKED; col++) {
		row.v[col] = col_read(s, from, &row, (enum rec_col)col, mask & UINT64_C(1) << col);
		if (from->failed || !col_valid(s, (enum rec_col)col, row.v[col]))
			return -EBADMSG;
	}
	for (mask >>= REC_COL_MASKED; mask; mask &= mask - 1) {
		uint64_t unknown;

		if (!io_varint_get(from, &unknown))
			return -EBADMSG;
	}
	learn(s, &row);
	*ret = row;
	return 0;
}
