/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An event as a row of numbers, and rows as bytes.
 *
 * Theory of operation. One event is much like the one before it on the same CPU: mostly the same packet, in the same
 * namespace, one function further. So each number is predicted, and a row says which predictions fail:
 *
 *	mask, time, site, and for each bit of the mask, from the lowest, one number
 *
 * Time is the difference to the row before. A row of a ping takes five to eight bytes so. Bits beyond those known here
 * are a newer minor's: each has its number too, so that it can be stepped over.
 */
#pragma once

#include "record/format.h"
#include "record/io.h"

enum rec_col {
	REC_COL_CPU, /* up to REC_COL_MASKED: bits of the mask; numbers of entries are those of format.h */
	REC_COL_PACKET,
	REC_COL_LEN,
	REC_COL_NETNS,
	REC_COL_DEV,
	REC_COL_TUPLE,
	REC_COL_TASK,
	REC_COL_SOURCE,
	REC_COL_MARK,
	REC_COL_PROTO,
	REC_COL_PLACE,
	REC_COL_REASON,
	REC_COL_SEQ,
	REC_COL_CPU_SEQ,
	REC_COL_PARTS, /* since 1.1 */
	REC_COL_BYTES, /* likewise */
	REC_COL_PROG,
	REC_COL_RETURN,
	REC_COL_MASKED, /* how many there are of these */
	REC_COL_TS = REC_COL_MASKED,
	REC_COL_SITE,
	REC_COL_MAX,
};

struct row {
	uint64_t v[REC_COL_MAX];
};

/* What the rows of a block so far predict. */
struct row_state {
	struct row prev;
	struct row_cpu *cpus; /* owned; by number in REC_DICT_CPU */
	uint32_t n_cpus, cap_cpus;
};

/* Makes predictions for CPUs up to n entries of the dictionary. 0 or -ENOMEM. */
int row_state_cpus(struct row_state *s, uint32_t n);
/* As at the beginning of a block. */
void row_state_clear(struct row_state *s);
void row_state_free(struct row_state *s);

/* REC_COL_CPU lies in 1 to row_state_cpus()' n, REC_COL_SOURCE below ST_SRC_MAX. 0 or -ENOMEM. */
int row_write(struct row_state *s, const struct row *row, struct buf *to);
/* -EBADMSG if the bytes are no row, or it names a CPU or source that does not exist. */
int row_read(struct row_state *s, struct rd *from, struct row *ret);
