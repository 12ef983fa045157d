/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * Bytes are collected in `in` until a header or a block is complete. A length above REC_BLOCK_BYTES_MAX is an error,
 * and memory is allocated for bytes that were fed, not for a length in the input. The checksum of a block covers its
 * header and its payload, and blocks are numbered, so that damage is an error at the first block that it affects. A
 * correct checksum does not make the contents trusted: the decoder checks every read.
 */
#include "record/reader.h"

#include <zlib.h>

#include "record/decoder.h"

/* The most that is copied to `in` at once, however much is fed. */
#define STEP_BYTES (256u << 10)

struct record_reader {
	struct decoder decoder;
	struct buf in;	   /* bytes of a block that is not complete */
	uint64_t offset;   /* of the first byte of in, within the input */
	uint32_t n_blocks; /* of this recording */
	bool begun;	   /* a header was read */
	bool ended;	   /* the last known block was a ledger */
	uint64_t recordings, skipped;
	int err; /* the first error */
	struct reason reason;
};

static const char *const block_names[] = {
	[REC_BLOCK_INFO] = "information", [REC_BLOCK_RESTART] = "restart", [REC_BLOCK_DICT] = "dictionary",
	[REC_BLOCK_EVENTS] = "events",	  [REC_BLOCK_LEDGER] = "ledger",   [REC_BLOCK_COVERAGE] = "coverage",
};

static bool is_known(uint32_t type)
{
	return type < ARRAY_SIZE(block_names) && block_names[type];
}

static int damaged(struct record_reader *r, uint32_t type, const char *what)
{
	return reason_set(&r->reason, -EBADMSG, "damaged at offset %llu, block %u (%s): %s",
			  (unsigned long long)r->offset, r->n_blocks, is_known(type) ? block_names[type] : "unknown",
			  what);
}

static int read_header(struct record_reader *r, const uint8_t *p)
{
	unsigned major = p[8] | (unsigned)p[9] << 8, minor = p[10] | (unsigned)p[11] << 8;

	if (crc32(crc32(0, Z_NULL, 0), p, 12) != io_get_le32(p + 12))
		return reason_set(&r->reason, -EBADMSG, "damaged at offset %llu: the header's checksum differs",
				  (unsigned long long)r->offset);
	if (major != RECORD_MAJOR)
		return reason_set(&r->reason, -EPROTO,
				  "recorded in format %u.%u, and this skbtrail reads %u.x: use a newer skbtrail", major,
				  minor, RECORD_MAJOR);
	r->recordings++;
	r->begun = true;
	r->ended = false;
	r->n_blocks = 0;
	decoder_begin(&r->decoder);
	return 0;
}

static int read_block(struct record_reader *r, const uint8_t *p, uint32_t type, uint32_t len)
{
	uLong crc = crc32(crc32(0, Z_NULL, 0), p, 12);
	int err;

	if (len)
		crc = crc32(crc, p + REC_BLOCK_HEADER_BYTES, len);
	if (crc != io_get_le32(p + 12))
		return damaged(r, type, "the checksum differs");
	if (io_get_le32(p + 4) != r->n_blocks)
		return damaged(r, type, "its number is not the next one");
	if (!is_known(type)) {
		r->skipped++;
		return 0;
	}
	if (r->ended)
		return damaged(r, type, "it follows the ledger, which is a recording's last block");
	r->ended = type == REC_BLOCK_LEDGER;
	err = decoder_block(&r->decoder, (enum rec_block)type, p + REC_BLOCK_HEADER_BYTES, len);
	return err == -EBADMSG ? damaged(r, type, "its contents are invalid") : err;
}

/* Reads the header or block at p if it is complete. Its size, 0 if more bytes are needed, or -errno. */
static int read_one(struct record_reader *r, const uint8_t *p, size_t left)
{
	uint32_t type, len;
	int err;

	if (left < REC_MAGIC_BYTES)
		return 0;
	if (memcmp(p, REC_MAGIC, REC_MAGIC_BYTES) == 0) {
		err = left < REC_HEADER_BYTES ? -EAGAIN : read_header(r, p);
		return err == -EAGAIN ? 0 : err < 0 ? err : (int)REC_HEADER_BYTES;
	}
	if (!r->begun)
		return reason_set(&r->reason, -EBADMSG, "not a recording");
	if (left < REC_BLOCK_HEADER_BYTES)
		return 0;
	type = io_get_le32(p);
	len = io_get_le32(p + 8);
	if (len > REC_BLOCK_BYTES_MAX)
		return damaged(r, type, "its length is too large");
	if (left - REC_BLOCK_HEADER_BYTES < len)
		return 0;
	err = read_block(r, p, type, len);
	if (err < 0)
		return err;
	r->n_blocks++;
	return (int)(REC_BLOCK_HEADER_BYTES + len);
}

static int read_all(struct record_reader *r)
{
	size_t done = 0;
	int n;

	do {
		n = read_one(r, (const uint8_t *)r->in.data + done, r->in.len - done);
		if (n < 0)
			return n;
		done += (size_t)n;
		r->offset += (size_t)n;
	} while (n > 0);
	r->in.len -= done;
	if (r->in.len && done)
		memmove(r->in.data, r->in.data + done, r->in.len);
	return 0;
}

static int fail(struct record_reader *r, int err, struct reason *reason)
{
	if (err < 0 && !r->err) {
		r->err = err;
		buf_free(&r->in);
	}
	if (r->err && r->reason.text[0])
		reason_set(reason, r->err, "%s", r->reason.text);
	return r->err;
}

int record_reader_feed(struct record_reader *r, const void *data, size_t len, struct reason *reason)
{
	const uint8_t *p = data;
	int err = r->err;

	while (len && !err) {
		size_t n = len < STEP_BYTES ? len : STEP_BYTES;

		err = buf_append(&r->in, p, n);
		if (err >= 0)
			err = read_all(r);
		p += n;
		len -= n;
	}
	return fail(r, err, reason);
}

/* Where another recording begins in the bytes of a block that is not complete: 0 if none does. Bytes of a packet may
 * hold the magic, but hardly with its checksum. */
static size_t find_header(const struct buf *in)
{
	for (size_t at = 0; at + REC_HEADER_BYTES <= in->len; at++) {
		const uint8_t *p = (const uint8_t *)in->data + at;

		if (memcmp(p, REC_MAGIC, REC_MAGIC_BYTES) == 0 &&
		    crc32(crc32(0, Z_NULL, 0), p, 12) == io_get_le32(p + 12))
			return at;
	}
	return 0;
}

/* The bytes that are left when the input ends. */
static int judge_rest(const struct record_reader *r, struct reason *reason)
{
	unsigned long long end = r->offset + r->in.len;
	size_t next = find_header(&r->in);

	if (!r->begun)
		return reason_set(reason, -EBADMSG, r->in.len ? "not a recording" : "empty: not a recording");
	if (r->in.len && r->ended)
		return reason_set(reason, -EBADMSG, "%zu bytes follow the recording's end at offset %llu", r->in.len,
				  (unsigned long long)r->offset);
	if (next)
		return reason_set(reason, -EBADMSG,
				  "cut off within block %u, and at offset %llu another recording begins", r->n_blocks,
				  (unsigned long long)r->offset + next);
	if (r->in.len)
		return reason_set(reason, -ENODATA, "cut off at offset %llu, within block %u", end, r->n_blocks);
	if (!r->ended)
		return reason_set(reason, -ENODATA,
				  "cut off at offset %llu, after block %u: the trace's ledger is missing", end,
				  r->n_blocks);
	return 0;
}

int record_reader_end(struct record_reader *r, struct reason *reason)
{
	int err;

	if (r->err)
		return fail(r, r->err, reason);
	err = judge_rest(r, reason);
	r->in.len = 0;
	r->offset = 0;
	r->begun = r->ended = false;
	return err;
}

uint64_t record_reader_recordings(const struct record_reader *r)
{
	return r->recordings;
}

uint64_t record_reader_skipped(const struct record_reader *r)
{
	return r->skipped;
}

int record_reader_new(const struct record_sink *sink, struct record_reader **ret)
{
	struct record_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	decoder_init(&r->decoder, sink);
	*ret = r;
	return 0;
}

void record_reader_free(struct record_reader *r)
{
	if (!r)
		return;
	decoder_free(&r->decoder);
	buf_free(&r->in);
	free(r);
}
