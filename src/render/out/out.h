/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The buffer in which all output is built, without printf: events become bytes in memory, and the caller writes many of
 * them with one system call.
 *
 * A failed allocation is sticky: what is appended later is dropped, and out_flush_*() return -ENOMEM. So writers need
 * no return values, and no part of a line is lost unnoticed.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

struct out {
	struct buf buf; /* owned */
	bool failed;	/* memory ran out; cleared by out_clear() */
};

/* Space for n bytes at the end, or NULL if the buffer has failed. The caller adds the bytes it used to o->buf.len. */
static inline char *out_room(struct out *o, size_t n)
{
	if (o->failed)
		return NULL;
	if (o->buf.cap - o->buf.len < n && buf_reserve(&o->buf, n) < 0) {
		o->failed = true;
		return NULL;
	}
	return o->buf.data + o->buf.len;
}

static inline void out_mem(struct out *o, const void *data, size_t len)
{
	char *p = len ? out_room(o, len) : NULL; /* an empty buffer has no memory */

	if (!p)
		return;
	memcpy(p, data, len);
	o->buf.len += len;
}

/* Appends what was built in another buffer, and passes on its failure. */
static inline void out_append(struct out *o, const struct out *part)
{
	o->failed |= part->failed;
	out_mem(o, part->buf.data, part->buf.len);
}

/* Appends trusted text without escaping. For other text there are out_escaped() and the JSON writer. */
static inline void out_str(struct out *o, const char *s)
{
	out_mem(o, s, strlen(s));
}

static inline void out_char(struct out *o, char c)
{
	char *p = out_room(o, 1);

	if (!p)
		return;
	*p = c;
	o->buf.len++;
}

void out_u64(struct out *o, uint64_t v);
void out_i64(struct out *o, int64_t v);
/* With leading zeros up to `digits`, at most 20. */
void out_u64_digits(struct out *o, uint64_t v, unsigned digits);
/* 0x and lower-case digits, without leading zeros. */
void out_hex(struct out *o, uint64_t v);
/* Exactly `digits` (at most 16) lower-case hexadecimal digits, without 0x. */
void out_hex_digits(struct out *o, uint64_t v, unsigned digits);

/* Columns that UTF-8 text takes on a terminal: its code points, each counted as one column. */
size_t out_columns(const char *s, size_t len);
/* Appends blanks until what was written since `start` (an earlier o->buf.len) has `width` columns. */
void out_pad(struct out *o, size_t start, size_t width);

/* Writes and empties the buffer, and keeps its memory. 0; -ENOMEM if something could not be buffered (the rest is
 * written); -errno of write(2), the bytes that were not written are lost. */
int out_flush_fd(struct out *o, int fd);
/* As out_flush_fd(), but through stdio, which may buffer the bytes. */
int out_flush_file(struct out *o, FILE *f);

/* Removes the contents and the error, and keeps the memory. */
void out_clear(struct out *o);
void out_free(struct out *o);

#define _cleanup_out_ _cleanup_(out_free)
