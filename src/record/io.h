/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Encodes numbers and texts to bytes, and decodes them. One function per structure does both, so that writer and reader
 * cannot differ: io_*() appends its argument when writing, and sets it when reading.
 *
 * After an error nothing is written, and zeros are read; io.err keeps the first one. -EBADMSG: the bytes are too short,
 * or a number is out of range; -ENOMEM; -E2BIG: a text is longer than RECORD_TEXT_MAX.
 */
#pragma once

#include <errno.h>

#include "base/buf.h"
#include "base/read.h"
#include "record/record.h"

#define IO_VARINT_BYTES_MAX 10u

struct dict;

struct io {
	struct buf *to;	      /* when writing: the output; NULL when reading */
	struct rd from;	      /* when reading: the input */
	struct dict *strings; /* dictionary of io_string(), memory of io_text() */
	struct buf *fresh;    /* when writing: receives entries that are new in strings, each with its length */
	int err;
};

void io_u64(struct io *io, uint64_t *v);
void io_i64(struct io *io, int64_t *v);
/* Eight bytes, little-endian: for addresses, which are longer as a varint. */
void io_fixed64(struct io *io, uint64_t *v);
void io_bytes(struct io *io, void *v, size_t n);
/* A NUL-terminated text in an array of n bytes, written as its length and its bytes. */
void io_chars(struct io *io, char *v, size_t n);
/* A text or NULL, written as its length and its bytes. When reading, *v points into the memory of io->strings. */
void io_text(struct io *io, const char **v);
/* A text or NULL, written with its NUL. When reading, *v points into io->from. Too long a text is written as NULL. */
void io_view(struct io *io, const char **v);
/* A text or NULL, written as the number of its entry in io->strings. */
void io_string(struct io *io, const char **v);

/* Any unsigned lvalue or bool. */
#define IO_UINT(io, lvalue)                                                                                            \
	do {                                                                                                           \
		uint64_t v_ = (lvalue);                                                                                \
		io_u64((io), &v_);                                                                                     \
		(lvalue) = (__typeof__(lvalue))v_;                                                                     \
		if ((uint64_t)(lvalue) != v_)                                                                          \
			io_fail((io), -EBADMSG);                                                                       \
	} while (0)

static inline void io_fail(struct io *io, int err)
{
	if (!io->err)
		io->err = err;
}

/* Maps 0, -1, 1, -2… to 0, 1, 2, 3…, so that small negative numbers are short varints. */
static inline uint64_t io_zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

static inline int64_t io_unzigzag(uint64_t v)
{
	return (int64_t)((v >> 1) ^ (v & 1 ? UINT64_MAX : 0));
}

/* Writes at most IO_VARINT_BYTES_MAX bytes; returns their number. */
size_t io_varint_put(uint8_t *dst, uint64_t v);
/* False, with r->failed set and *ret 0, if the bytes end or the number has more than 64 bits. */
bool io_varint_get(struct rd *r, uint64_t *ret);
/* 0 or -ENOMEM. */
int io_append_varint(struct buf *b, uint64_t v);
/* The length as a varint, then the bytes. 0 or -ENOMEM. */
int io_append_sized(struct buf *b, const void *data, size_t len);

/* Fixed width, little-endian. */
static inline void io_put_le32(uint8_t *dst, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		dst[i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t io_get_le32(const uint8_t *src)
{
	return src[0] | (uint32_t)src[1] << 8 | (uint32_t)src[2] << 16 | (uint32_t)src[3] << 24;
}
