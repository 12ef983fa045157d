/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/state.h"

#include <errno.h>
#include <string.h>

int table_init(struct table *t, uint32_t max_entries, size_t max_rules, size_t max_captures)
{
	*t = (struct table){
		.max_rules = max_rules,
		.max_captures = max_captures,
		.n_buckets = 1,
		.n_entries = max_entries,
		.free = NO_ENTRY,
		.newest = NO_ENTRY,
		.oldest = NO_ENTRY,
	};
	while (t->n_buckets < max_entries)
		t->n_buckets *= 2;
	t->entries = calloc(max_entries, sizeof(*t->entries));
	t->buckets = malloc(t->n_buckets * sizeof(*t->buckets));
	t->flags = calloc(max_entries, max_rules);
	t->counts = calloc(max_entries, max_rules * sizeof(*t->counts));
	t->captures = calloc(max_entries, (max_captures + 1) * sizeof(*t->captures));
	if (!t->entries || !t->buckets || !t->flags || !t->counts || !t->captures) {
		table_free(t);
		return -ENOMEM;
	}
	memset(t->buckets, 0xff, t->n_buckets * sizeof(*t->buckets)); /* NO_ENTRY */
	return 0;
}

void table_free(struct table *t)
{
	free(t->entries);
	free(t->buckets);
	free(t->flags);
	free(t->counts);
	free(t->captures);
	*t = (struct table){.oldest = NO_ENTRY};
}

static uint32_t *bucket(const struct table *t, uint32_t scope, uint64_t pkt)
{
	uint64_t h = (pkt * RULES_SCOPES_MAX + scope) * 0x9e3779b97f4a7c15ull; /* Fibonacci hashing */

	return &t->buckets[(h >> 32) & (t->n_buckets - 1)];
}

struct entry *table_find(const struct table *t, uint32_t scope, uint64_t pkt)
{
	for (uint32_t i = *bucket(t, scope, pkt); i != NO_ENTRY; i = t->entries[i].hash_next) {
		if (t->entries[i].pkt == pkt && t->entries[i].scope == scope)
			return &t->entries[i];
	}
	return NULL;
}

static void lru_add(struct table *t, uint32_t i)
{
	struct entry *e = &t->entries[i];

	e->lru_prev = NO_ENTRY;
	e->lru_next = t->newest;
	if (t->newest == NO_ENTRY)
		t->oldest = i;
	else
		t->entries[t->newest].lru_prev = i;
	t->newest = i;
}

static void lru_remove(struct table *t, const struct entry *e)
{
	if (e->lru_prev == NO_ENTRY)
		t->newest = e->lru_next;
	else
		t->entries[e->lru_prev].lru_next = e->lru_next;
	if (e->lru_next == NO_ENTRY)
		t->oldest = e->lru_prev;
	else
		t->entries[e->lru_next].lru_prev = e->lru_prev;
}

/* Those used before come first: their memory is there already. */
static uint32_t take_free(struct table *t)
{
	uint32_t i = t->free;

	if (i != NO_ENTRY)
		t->free = t->entries[i].lru_next;
	else if (t->used < t->n_entries)
		i = t->used++;
	return i;
}

struct entry *table_add(struct table *t, uint32_t scope, uint64_t pkt)
{
	uint32_t *head = bucket(t, scope, pkt), i = take_free(t);
	struct entry *e;

	if (i == NO_ENTRY)
		return NULL;
	e = &t->entries[i];
	*e = (struct entry){.pkt = pkt, .scope = scope, .hash_next = *head};
	*head = i;
	lru_add(t, i);
	e->track.flags = t->flags + i * t->max_rules;
	e->track.counts = t->counts + i * t->max_rules;
	e->track.captures = t->captures + i * (t->max_captures + 1);
	memset(e->track.flags, 0, t->max_rules);
	memset(e->track.counts, 0, t->max_rules * sizeof(*t->counts));
	memset(e->track.captures, 0, (t->max_captures + 1) * sizeof(*t->captures));
	t->live++;
	return e;
}

void table_touch(struct table *t, struct entry *e)
{
	lru_remove(t, e);
	lru_add(t, e - t->entries);
}

struct entry *table_oldest(const struct table *t)
{
	return t->oldest == NO_ENTRY ? NULL : &t->entries[t->oldest];
}

void table_remove(struct table *t, struct entry *e)
{
	uint32_t *at = bucket(t, e->scope, e->pkt), i = e - t->entries;

	while (*at != i)
		at = &t->entries[*at].hash_next;
	*at = e->hash_next;
	lru_remove(t, e);
	e->lru_next = t->free;
	t->free = i;
	t->live--;
}
