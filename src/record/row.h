/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An event as a row of numbers, and the encoding of rows.
 *
 * Theory of operation. An event differs little from the previous event on its CPU: mostly it is the same packet, in the
 * same namespace, in the next function. So each number is predicted, and a row holds the numbers that were predicted
 * wrongly:
 *
 *	mask, time, site, and one number for each bit set in the mask, from the lowest bit
 *
 * Time is the difference from the previous row. In this way a row of a ping takes five to eight bytes. Bits that are
 *not listed here belong to a newer minor version; their numbers are skipped.
 */
#pragma once

#include "record/format.h"
#include "record/io.h"

enum rec_col {
	REC_COL_CPU, /* the columns before REC_COL_MASKED are bits of the mask; entries are numbered as in format.h */
	REC_COL_PACKET,
	REC_COL_LEN,
	REC_COL_NETNS,
	REC_COL_DEV,
	REC_COL_TUPLE,
	REC_COL_TASK,
	REC_COL_SOURCE,
	REC_COL_MARK,
	REC_COL_PROTO,
	REC_COL_LOCATION,
	REC_COL_REASON,
	REC_COL_SEQ,
	REC_COL_CPU_SEQ,
	REC_COL_PARTS, /* since 1.1 */
	REC_COL_BYTES, /* since 1.1 */
	REC_COL_PROG,
	REC_COL_RETURN,
	REC_COL_MASKED, /* the number of columns above */
	REC_COL_TS = REC_COL_MASKED,
	REC_COL_SITE,
	REC_COL_MAX,
};

struct row {
	uint64_t v[REC_COL_MAX];
};

/* The predictions from the rows of a block so far. */
struct row_state {
	struct row prev;
	struct row_cpu *cpus; /* owned; by number in REC_DICT_CPU */
	uint32_t n_cpus;
};

/* The column that refers to the entries of a dictionary; not for REC_DICT_STRING. */
enum rec_col row_col_of(enum rec_dict kind);

/* Extends the predictions to n CPUs, the entries of REC_DICT_CPU. 0 or -ENOMEM. */
int row_state_cpus(struct row_state *s, uint32_t n);
/* Resets the predictions, for the beginning of a block. */
void row_state_clear(struct row_state *s);
void row_state_free(struct row_state *s);

/* Appends the row to `to`. REC_COL_CPU must be from 1 to s->n_cpus, REC_COL_SOURCE below ST_SRC_MAX. 0 or -ENOMEM. */
int row_write(struct row_state *s, const struct row *row, struct buf *to);
/* -EBADMSG if the bytes are too short, or the CPU or source does not exist; *ret is then unchanged. */
int row_read(struct row_state *s, struct rd *from, struct row *ret);
