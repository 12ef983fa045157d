/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/dict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

#define CHUNK_BYTES 8192u
#define INDEX_BITS  8u /* of a new index */

struct dict_entry {
	const uint8_t *data;
	uint32_t len;
	uint32_t hash;
};

struct dict_chunk {
	struct dict_chunk *next;
	size_t used, size; /* bytes of data */
	uint8_t data[];
};

/* The index uses the top bits, into which the multiplication spreads the hash. */
static uint32_t hash_of(const uint8_t *p, size_t len)
{
	return hash_bytes(p, len) * 2654435769u;
}

const char *dict_keep(struct dict *d, const void *data, size_t len)
{
	struct dict_chunk *c = d->chunks;
	char *p;

	if (!c || c->size - c->used < len + 1) {
		size_t size = len + 1 > CHUNK_BYTES ? len + 1 : CHUNK_BYTES;

		c = malloc(sizeof(*c) + size);
		if (!c)
			return NULL;
		*c = (struct dict_chunk){.next = d->chunks, .size = size};
		d->chunks = c;
	}
	p = (char *)c->data + c->used;
	if (len)
		memcpy(p, data, len);
	p[len] = '\0';
	c->used += len + 1;
	return p;
}

static int add(struct dict *d, const void *data, size_t len, uint32_t hash)
{
	const char *copy;

	if (ARRAY_GROW(d->entries, d->n) < 0)
		return -ENOMEM;
	copy = dict_keep(d, data, len);
	if (!copy)
		return -ENOMEM;
	d->entries[d->n++] = (struct dict_entry){.data = (const uint8_t *)copy, .len = (uint32_t)len, .hash = hash};
	return 0;
}

int dict_add(struct dict *d, const void *data, size_t len)
{
	return add(d, data, len, 0);
}

/* The bucket of a string in the index, or the free bucket for it. */
static uint32_t *bucket_of(const struct dict *d, const void *data, size_t len, uint32_t hash)
{
	uint32_t mask = (1u << d->index_bits) - 1;

	for (uint32_t i = hash >> (32 - d->index_bits);; i = (i + 1) & mask) {
		const struct dict_entry *e;

		if (!d->index[i])
			return &d->index[i];
		e = &d->entries[d->index[i] - 1];
		if (e->hash == hash && e->len == len && memcmp(e->data, data, len) == 0)
			return &d->index[i];
	}
}

/* Makes the first index, or one of twice the size. */
static int grow_index(struct dict *d)
{
	uint32_t bits = d->index ? d->index_bits + 1 : INDEX_BITS;
	uint32_t *index = bits < 32 ? calloc((size_t)1 << bits, sizeof(*index)) : NULL;

	if (!index)
		return -ENOMEM;
	free(d->index);
	d->index = index;
	d->index_bits = bits;
	for (uint32_t i = 0; i < d->n; i++) {
		const struct dict_entry *e = &d->entries[i];

		*bucket_of(d, e->data, e->len, e->hash) = i + 1;
	}
	return 0;
}

int dict_put(struct dict *d, const void *data, size_t len, uint32_t *ret)
{
	uint32_t hash = hash_of(data, len), *bucket;
	int r;

	if (!d->index || d->n >= 1u << (d->index_bits - 1)) {
		r = grow_index(d);
		if (r < 0)
			return r;
	}
	bucket = bucket_of(d, data, len, hash);
	if (*bucket) {
		*ret = *bucket - 1;
		return 0;
	}
	r = add(d, data, len, hash);
	if (r < 0)
		return r;
	*bucket = d->n;
	*ret = d->n - 1;
	return 1;
}

const void *dict_at(const struct dict *d, uint32_t i, size_t *ret_len)
{
	*ret_len = d->entries[i].len;
	return d->entries[i].data;
}

void dict_forget(struct dict *d)
{
	d->n = 0;
	if (d->index)
		memset(d->index, 0, sizeof(*d->index) << d->index_bits);
}

void dict_clear(struct dict *d)
{
	dict_forget(d);
	while (d->chunks && d->chunks->next) {
		struct dict_chunk *c = d->chunks;

		d->chunks = c->next;
		free(c);
	}
	if (d->chunks)
		d->chunks->used = 0;
}

void dict_free(struct dict *d)
{
	dict_clear(d);
	free(d->chunks);
	free(d->entries);
	free(d->index);
	*d = (struct dict){0};
}
