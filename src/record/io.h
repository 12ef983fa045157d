/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers and texts to bytes and back. One function describes a structure and runs both ways, so that what is written
 * and what is read cannot drift apart: io_*() puts its argument when writing and sets it when reading.
 *
 * Errors stick: after one, nothing is written and zeros are read. -EBADMSG: the bytes are too short or no such number;
 * -ENOMEM; -E2BIG: a text above RECORD_TEXT_MAX.
 */
#pragma once

#include <errno.h>

#include "base/buf.h"
#include "base/read.h"
#include "record/record.h"

#define VARINT_BYTES_MAX 10u

struct dict;

struct io {
	struct buf *to;	      /* NULL: reading */
	struct rd from;	      /* when reading */
	struct dict *strings; /* what io_string() refers to */
	struct buf *fresh;    /* writing: entries that were new in strings, each with its length */
	int err;
};

void io_u64(struct io *io, uint64_t *v);
void io_i64(struct io *io, int64_t *v);
/* Eight bytes, little-endian: for what fills its bits. */
void io_fixed64(struct io *io, uint64_t *v);
void io_bytes(struct io *io, void *v, size_t n);
/* A text in an array of n bytes, NUL-terminated: its length, its bytes. */
void io_chars(struct io *io, char *v, size_t n);
/* A text that stands here; NULL is kept. When reading, it is kept in io->strings' memory. */
void io_text(struct io *io, const char **v);
/* The same as a view into the bytes that are read, with its NUL: it lives as long as these. */
void io_view(struct io *io, const char **v);
/* A text as the number of its dictionary entry. */
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

/* Negative numbers fold between the positive ones, so that small ones stay short. */
static inline uint64_t zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

static inline int64_t unzigzag(uint64_t v)
{
	return (int64_t)((v >> 1) ^ (v & 1 ? UINT64_MAX : 0));
}

/* Writes at most VARINT_BYTES_MAX bytes; returns how many. */
size_t varint_put(uint8_t *dst, uint64_t v);
/* False, with r->failed set, if the bytes end or hold more than 64 bits; *ret is 0 then. */
bool varint_get(struct rd *r, uint64_t *ret);
/* 0 or -ENOMEM. */
int buf_varint(struct buf *b, uint64_t v);
/* A length and the bytes. 0 or -ENOMEM. */
int buf_sized(struct buf *b, const void *data, size_t len);

/* Fixed width, little-endian. */
static inline void put_le32(uint8_t *dst, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		dst[i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t get_le32(const uint8_t *src)
{
	return src[0] | (uint32_t)src[1] << 8 | (uint32_t)src[2] << 16 | (uint32_t)src[3] << 24;
}
