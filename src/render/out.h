/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The buffer all output is built in. Nothing here goes through printf or stdio: an event becomes bytes in memory, and
 * the caller hands a whole batch to the kernel with one write.
 *
 * A failed allocation is sticky: everything appended after it is dropped, and out_flush_*() report -ENOMEM, so that the
 * writers need no return values and a line is never half lost in silence.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

struct out {
	struct buf buf; /* owned */
	bool failed;	/* -ENOMEM happened; cleared by out_clear() */
};

/* n writable bytes at the end, to be followed by o->buf.len += (bytes used), or NULL once the buffer has failed. */
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
	char *p = len ? out_room(o, len) : NULL; /* nothing has no place in a buffer that is not there yet */

	if (!p)
		return;
	memcpy(p, data, len);
	o->buf.len += len;
}

/* What was built apart; its failure is o's. */
static inline void out_append(struct out *o, const struct out *part)
{
	o->failed |= part->failed;
	out_mem(o, part->buf.data, part->buf.len);
}

/* Trusted text, as it is; for anything else there are out_escaped() and the JSON writer. */
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

/* Appends blanks until what was written since `start` (an earlier o->buf.len) is `width` code points wide. */
void out_pad(struct out *o, size_t start, size_t width);

/* Hands over everything and empties the buffer; it stays allocated. 0; -ENOMEM if something could not be buffered (the
 * rest is written nevertheless); -errno of the write, with what was not written gone. */
int out_flush_fd(struct out *o, int fd);
/* The same through stdio, which may keep it in its own buffer. */
int out_flush_file(struct out *o, FILE *f);

/* Drops the contents and the error, keeps the memory. */
void out_clear(struct out *o);
void out_free(struct out *o);

#define _cleanup_out_ _cleanup_(out_free)
