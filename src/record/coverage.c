/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/coverage.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "record/io.h"

void coverage_clear(struct coverage *c)
{
	free(c->options);
	free(c->funcs);
	free(c->texts);
	free(c->names);
	*c = (struct coverage){0};
}

static int append_names(const char *const *names, size_t n, struct buf *to)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = buf_append(to, names[i], strlen(names[i]) + 1);
	return r;
}

static int append_compressed(const struct buf *names, struct buf *to)
{
	uLongf bytes = compressBound(names->len);
	_cleanup_free_ uint8_t *packed = malloc(bytes);

	if (!packed || compress2(packed, &bytes, (const Bytef *)names->data, names->len, Z_BEST_COMPRESSION) != Z_OK)
		return -ENOMEM;
	return io_append_sized(to, packed, bytes);
}

static int encode_funcs(const struct record_coverage *c, struct buf *to)
{
	_cleanup_buf_ struct buf names = {0};
	int r = append_names(c->attached, c->n_attached, &names);

	if (r >= 0)
		r = append_names(c->refused, c->n_refused, &names);
	if (r < 0)
		return r;
	if (!c->has_funcs || !names.len || names.len > COVERAGE_NAMES_MAX)
		return io_append_varint(to, 0);
	r = io_append_varint(to, 1);
	if (r >= 0)
		r = io_append_varint(to, c->n_attached);
	if (r >= 0)
		r = io_append_varint(to, c->n_refused);
	if (r >= 0)
		r = io_append_varint(to, names.len);
	return r < 0 ? r : append_compressed(&names, to);
}

int coverage_encode(const struct record_coverage *c, struct buf *to)
{
	struct io io = {.to = to};
	uint64_t n = c->n_options;

	io_u64(&io, &n);
	for (size_t i = 0; i < c->n_options; i++) {
		struct record_option o = c->options[i];

		io_text(&io, &o.name);
		io_text(&io, &o.value);
	}
	return io.err ? io.err : encode_funcs(c, to);
}

/* A text as io_text() writes it, copied to *at, which moves behind it. */
static const char *take_text(struct rd *from, char **at)
{
	const char *text = *at;
	const void *p;
	uint64_t len;

	if (!io_varint_get(from, &len) || !len)
		return NULL;
	p = len <= RECORD_TEXT_MAX + 1 ? rd_bytes(from, (size_t)len - 1) : NULL;
	if (!p) {
		from->failed = true;
		return NULL;
	}
	memcpy(*at, p, (size_t)len - 1);
	(*at)[len - 1] = '\0';
	*at += len;
	return text;
}

static int decode_options(struct rd *from, struct coverage *c)
{
	uint64_t n;
	char *at;

	/* an option takes at least two bytes, and a text as many as its copy */
	if (!io_varint_get(from, &n) || n > from->left / 2)
		return -EBADMSG;
	c->options = calloc(n + 1, sizeof(*c->options));
	at = c->texts = malloc(from->left + 1);
	if (!c->options || !at)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		c->options[i].name = take_text(from, &at);
		c->options[i].value = take_text(from, &at);
		if (!c->options[i].name || from->failed)
			return -EBADMSG;
	}
	c->view.options = c->options;
	c->view.n_options = n;
	return 0;
}

/* Points c->funcs to the n names that the bytes must be. */
static int split_names(struct coverage *c, size_t n, size_t bytes)
{
	const char *at = c->names, *end = at + bytes;

	if (n > bytes || end[-1])
		return -EBADMSG;
	c->funcs = calloc(n, sizeof(*c->funcs));
	if (!c->funcs)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (at == end)
			return -EBADMSG;
		c->funcs[i] = at;
		at += strlen(at) + 1;
	}
	return at == end ? 0 : -EBADMSG;
}

static int unpack(struct rd *from, struct coverage *c, size_t bytes)
{
	uLongf got = bytes;
	uint64_t len;
	const void *p;

	p = io_varint_get(from, &len) && len <= from->left ? rd_bytes(from, (size_t)len) : NULL;
	if (!p)
		return -EBADMSG;
	c->names = malloc(bytes);
	if (!c->names)
		return -ENOMEM;
	return uncompress((Bytef *)c->names, &got, p, (uLong)len) == Z_OK && got == bytes ? 0 : -EBADMSG;
}

static int decode_funcs(struct rd *from, struct coverage *c)
{
	uint64_t has, attached, refused, bytes;
	int r;

	if (!io_varint_get(from, &has))
		return -EBADMSG;
	if (!has)
		return 0;
	if (!io_varint_get(from, &attached) || !io_varint_get(from, &refused) || !io_varint_get(from, &bytes) ||
	    !bytes || bytes > COVERAGE_NAMES_MAX || attached > bytes || refused > bytes)
		return -EBADMSG;
	r = unpack(from, c, (size_t)bytes);
	if (r >= 0)
		r = split_names(c, (size_t)(attached + refused), (size_t)bytes);
	if (r < 0)
		return r;
	c->view.has_funcs = true;
	c->view.attached = c->funcs;
	c->view.n_attached = (size_t)attached;
	c->view.refused = c->funcs + attached;
	c->view.n_refused = (size_t)refused;
	return 0;
}

int coverage_decode(const void *payload, size_t len, struct coverage *ret)
{
	_cleanup_(coverage_clear) struct coverage c = {0};
	struct rd from = rd_init(payload, len);
	int r = decode_options(&from, &c);

	if (r >= 0)
		r = decode_funcs(&from, &c);
	if (r < 0)
		return r;
	*ret = c;
	c = (struct coverage){0};
	return 0;
}
