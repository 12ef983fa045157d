/* SPDX-License-Identifier: GPL-2.0-only */
/* Strings of bytes by number, in the order in which they came, and numbers by string. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dict_entry;
struct dict_chunk;

struct dict {
	struct dict_entry *entries; /* owned */
	uint32_t n, cap;
	uint32_t *index;	   /* owned; by hash: number + 1, 0 free. NULL until the first dict_put() */
	uint32_t index_bits;	   /* the index has 2^bits places */
	struct dict_chunk *chunks; /* owned; the strings' memory, newest first */
};

/* The number of a string, which is added if it is new. 1 if it was, 0, or -ENOMEM; *ret is left alone then. */
int dict_put(struct dict *d, const void *data, size_t len, uint32_t *ret);
/* Adds a string though it may be there already. Not to be mixed with dict_put() in one dictionary. 0 or -ENOMEM. */
int dict_add(struct dict *d, const void *data, size_t len);
/* A copy with a NUL that has no number and lives as long as the dictionary. NULL: -ENOMEM. */
const char *dict_keep(struct dict *d, const void *data, size_t len);

static inline uint32_t dict_count(const struct dict *d)
{
	return d->n;
}

/* i is below dict_count(). The bytes, followed by a NUL; valid until dict_clear(). */
const void *dict_at(const struct dict *d, uint32_t i, size_t *ret_len);

/* Empties it and reuses the memory. */
void dict_clear(struct dict *d);
/* Empties it, but the strings stay where they are until dict_free(). */
void dict_forget(struct dict *d);
void dict_free(struct dict *d);
