/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/out/out.h"

#include <errno.h>

#define U64_DIGITS_MAX 20 /* of UINT64_MAX in decimal */
#define HEX_DIGITS_MAX 16

static const char hex_digits[] = "0123456789abcdef";

/* "00" to "99": half the divisions of one digit at a time. */
static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
			    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

static unsigned decimal_digits(uint64_t v)
{
	unsigned n = 1;

	for (; v >= 10000; v /= 10000)
		n += 4;
	return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

void out_u64_digits(struct out *o, uint64_t v, unsigned digits)
{
	unsigned n = decimal_digits(v);
	char *p;

	if (digits > U64_DIGITS_MAX)
		digits = U64_DIGITS_MAX;
	if (digits < n)
		digits = n;
	p = out_room(o, digits);
	if (!p)
		return;
	o->buf.len += digits;
	for (; digits >= 2; v /= 100) {
		digits -= 2;
		memcpy(p + digits, &pairs[v % 100 * 2], 2);
	}
	if (digits)
		*p = (char)('0' + v % 10);
}

void out_u64(struct out *o, uint64_t v)
{
	out_u64_digits(o, v, 1);
}

void out_i64(struct out *o, int64_t v)
{
	if (v < 0)
		out_char(o, '-');
	out_u64(o, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void out_hex_digits(struct out *o, uint64_t v, unsigned digits)
{
	char *p;

	if (digits > HEX_DIGITS_MAX)
		digits = HEX_DIGITS_MAX;
	p = out_room(o, digits);
	if (!p)
		return;
	for (unsigned i = digits; i-- > 0; v >>= 4)
		p[i] = hex_digits[v & 0xf];
	o->buf.len += digits;
}

void out_hex(struct out *o, uint64_t v)
{
	unsigned digits = v ? (64 - (unsigned)__builtin_clzll(v) + 3) / 4 : 1;

	out_mem(o, "0x", 2);
	out_hex_digits(o, v, digits);
}

size_t out_columns(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80; /* continuation bytes take no column */
	return n;
}

void out_pad(struct out *o, size_t start, size_t width)
{
	size_t have;
	char *p;

	if (o->failed || start > o->buf.len)
		return;
	have = start < o->buf.len ? out_columns(o->buf.data + start, o->buf.len - start) : 0;
	if (have >= width)
		return;
	p = out_room(o, width - have);
	if (!p)
		return;
	memset(p, ' ', width - have);
	o->buf.len += width - have;
}

int out_flush_fd(struct out *o, int fd)
{
	int r = o->failed ? -ENOMEM : 0;

	for (size_t done = 0; done < o->buf.len;) {
		ssize_t n = write(fd, o->buf.data + done, o->buf.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = -errno;
			break;
		}
		done += (size_t)n;
	}
	out_clear(o);
	return r;
}

int out_flush_file(struct out *o, FILE *f)
{
	int r = o->failed ? -ENOMEM : 0;

	errno = 0;
	if (o->buf.len && fwrite(o->buf.data, 1, o->buf.len, f) != o->buf.len)
		r = errno ? -errno : -EIO;
	out_clear(o);
	return r;
}

void out_clear(struct out *o)
{
	o->buf.len = 0;
	o->failed = false;
}

void out_free(struct out *o)
{
	buf_free(&o->buf);
	o->failed = false;
}
