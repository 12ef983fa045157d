/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/io.h"

#include "record/dict.h"

size_t io_varint_put(uint8_t *dst, uint64_t v)
{
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		dst[n++] = (uint8_t)(v | 0x80);
	dst[n++] = (uint8_t)v;
	return n;
}

bool io_varint_get(struct rd *r, uint64_t *ret)
{
	uint64_t v = 0;

	*ret = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		const uint8_t *p = rd_bytes(r, 1);

		if (!p)
			return false;
		v |= (uint64_t)(*p & 0x7f) << shift;
		if (*p & 0x80)
			continue;
		if (shift == 63 && *p > 1)
			break;
		*ret = v;
		return true;
	}
	r->failed = true;
	return false;
}

int io_append_varint(struct buf *b, uint64_t v)
{
	uint8_t bytes[IO_VARINT_BYTES_MAX];

	return buf_append(b, bytes, io_varint_put(bytes, v));
}

int io_append_sized(struct buf *b, const void *data, size_t len)
{
	int r = io_append_varint(b, len);

	return r < 0 ? r : buf_append(b, data, len);
}

static void put(struct io *io, const void *data, size_t len)
{
	int r = io->err ? 0 : buf_append(io->to, data, len);

	if (r < 0)
		io_fail(io, r);
}

void io_u64(struct io *io, uint64_t *v)
{
	uint8_t bytes[IO_VARINT_BYTES_MAX];

	if (io->to)
		put(io, bytes, io_varint_put(bytes, *v));
	else if (!io_varint_get(&io->from, v))
		io_fail(io, -EBADMSG);
}

void io_i64(struct io *io, int64_t *v)
{
	uint64_t folded = io->to ? io_zigzag(*v) : 0;

	io_u64(io, &folded);
	*v = io_unzigzag(folded);
}

void io_bytes(struct io *io, void *v, size_t n)
{
	if (io->to)
		put(io, v, n);
	else if (!rd_copy(&io->from, v, n))
		io_fail(io, -EBADMSG);
}

void io_fixed64(struct io *io, uint64_t *v)
{
	uint8_t bytes[8];

	io_put_le32(bytes, (uint32_t)*v);
	io_put_le32(bytes + 4, (uint32_t)(*v >> 32));
	io_bytes(io, bytes, sizeof(bytes));
	*v = io_get_le32(bytes) | (uint64_t)io_get_le32(bytes + 4) << 32;
}

void io_chars(struct io *io, char *v, size_t n)
{
	uint64_t len = io->to ? strnlen(v, n - 1) : 0;

	io_u64(io, &len);
	if (len >= n) {
		io_fail(io, -EBADMSG);
		len = 0;
	}
	io_bytes(io, v, (size_t)len);
	if (!io->to)
		memset(v + len, 0, n - (size_t)len);
}

static bool text_fits(struct io *io, const char *v)
{
	if (v && strlen(v) > RECORD_TEXT_MAX)
		io_fail(io, -E2BIG);
	return !io->err;
}

/* The length is written plus one, because 0 stands for NULL. */
void io_text(struct io *io, const char **v)
{
	uint64_t len = 0;
	const void *p;

	if (io->to) {
		if (!text_fits(io, *v))
			return;
		len = *v ? strlen(*v) + 1 : 0;
		io_u64(io, &len);
		if (len)
			put(io, *v, (size_t)len - 1);
		return;
	}
	*v = NULL;
	io_u64(io, &len);
	if (!len || io->err)
		return;
	p = len > RECORD_TEXT_MAX + 1 ? NULL : rd_bytes(&io->from, (size_t)len - 1);
	*v = p ? dict_keep(io->strings, p, (size_t)len - 1) : NULL;
	if (!*v)
		io_fail(io, p ? -ENOMEM : -EBADMSG);
}

static uint64_t string_number(struct io *io, const char *v)
{
	size_t len;
	uint32_t id;
	int r;

	if (!v || !text_fits(io, v))
		return 0;
	len = strlen(v);
	r = dict_put(io->strings, v, len, &id);
	if (r > 0)
		r = io_append_sized(io->fresh, v, len);
	if (r < 0) {
		io_fail(io, r);
		return 0;
	}
	return (uint64_t)id + 1;
}

void io_view(struct io *io, const char **v)
{
	uint64_t bytes = io->to && *v ? strlen(*v) + 1 : 0;
	const char *p;

	if (bytes > RECORD_TEXT_MAX)
		bytes = 0;
	io_u64(io, &bytes);
	if (io->to) {
		if (bytes)
			put(io, *v, bytes);
		return;
	}
	*v = NULL;
	p = bytes && bytes <= SIZE_MAX ? rd_bytes(&io->from, (size_t)bytes) : NULL;
	if (bytes && (!p || p[bytes - 1] != '\0'))
		io_fail(io, -EBADMSG);
	else
		*v = p;
}

void io_string(struct io *io, const char **v)
{
	uint64_t number = io->to ? string_number(io, *v) : 0;
	size_t len;

	io_u64(io, &number);
	if (io->to)
		return;
	*v = NULL;
	if (number > dict_count(io->strings))
		io_fail(io, -EBADMSG);
	else if (number)
		*v = dict_at(io->strings, (uint32_t)number - 1, &len);
}
