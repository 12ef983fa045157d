/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers byte strings from 0, in the order in which they are added, and finds the number of a string. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dict_entry;
struct dict_chunk;

struct dict {
	struct dict_entry *entries; /* owned */
	uint32_t n;
	uint32_t *index;	   /* owned; hash table of numbers + 1, 0 free. NULL until the first dict_put() */
	uint32_t index_bits;	   /* the table has 2^index_bits buckets */
	struct dict_chunk *chunks; /* owned; memory of the strings, newest first */
};

/* Sets *ret to the number of a string. 0: the string was known; 1: it was added; -ENOMEM: *ret is unchanged. */
int dict_put(struct dict *d, const void *data, size_t len, uint32_t *ret);
/* Adds a string without searching for it. Not for a dictionary that dict_put() is used on. 0 or -ENOMEM. */
int dict_add(struct dict *d, const void *data, size_t len);
/* A NUL-terminated copy that gets no number; it is valid until dict_clear(). NULL: out of memory. */
const char *dict_keep(struct dict *d, const void *data, size_t len);

static inline uint32_t dict_count(const struct dict *d)
{
	return d->n;
}

/* The bytes of string i, which is below dict_count(), followed by a NUL; valid until dict_clear(). */
const void *dict_at(const struct dict *d, uint32_t i, size_t *ret_len);

/* Removes all strings, and keeps some of the memory for the next ones. */
void dict_clear(struct dict *d);
/* Removes all strings, but keeps their bytes in memory until dict_clear() or dict_free(). */
void dict_forget(struct dict *d);
void dict_free(struct dict *d);
