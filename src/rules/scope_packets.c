/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/state.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"

int scope_packets_init(struct scope_packets *t, uint32_t max_entries, size_t max_rules, size_t max_captures)
{
	*t = (struct scope_packets){
		.max_rules = max_rules,
		.max_captures = max_captures,
		.n_buckets = 1,
		.n_entries = max_entries,
		.free = NO_PACKET,
		.newest = NO_PACKET,
		.oldest = NO_PACKET,
	};
	while (t->n_buckets < max_entries)
		t->n_buckets *= 2;
	t->entries = calloc(max_entries, sizeof(*t->entries));
	t->buckets = malloc(t->n_buckets * sizeof(*t->buckets));
	t->flags = calloc(max_entries, max_rules);
	t->counts = calloc(max_entries, max_rules * sizeof(*t->counts));
	t->captures = calloc(max_entries, (max_captures + 1) * sizeof(*t->captures));
	if (!t->entries || !t->buckets || !t->flags || !t->counts || !t->captures) {
		scope_packets_free(t);
		return -ENOMEM;
	}
	memset(t->buckets, 0xff, t->n_buckets * sizeof(*t->buckets)); /* NO_PACKET */
	return 0;
}

void scope_packets_free(struct scope_packets *t)
{
	free(t->entries);
	free(t->buckets);
	free(t->flags);
	free(t->counts);
	free(t->captures);
	*t = (struct scope_packets){.oldest = NO_PACKET};
}

static uint32_t *bucket(const struct scope_packets *t, uint32_t scope, uint64_t pkt)
{
	return &t->buckets[hash_u64(pkt * RULES_SCOPES_MAX + scope) & (t->n_buckets - 1)];
}

struct scope_packet *scope_packets_find(const struct scope_packets *t, uint32_t scope, uint64_t pkt)
{
	for (uint32_t i = *bucket(t, scope, pkt); i != NO_PACKET; i = t->entries[i].hash_next) {
		if (t->entries[i].pkt == pkt && t->entries[i].scope == scope)
			return &t->entries[i];
	}
	return NULL;
}

static void lru_add(struct scope_packets *t, uint32_t i)
{
	struct scope_packet *e = &t->entries[i];

	e->lru_prev = NO_PACKET;
	e->lru_next = t->newest;
	if (t->newest == NO_PACKET)
		t->oldest = i;
	else
		t->entries[t->newest].lru_prev = i;
	t->newest = i;
}

static void lru_remove(struct scope_packets *t, const struct scope_packet *e)
{
	if (e->lru_prev == NO_PACKET)
		t->newest = e->lru_next;
	else
		t->entries[e->lru_prev].lru_next = e->lru_next;
	if (e->lru_next == NO_PACKET)
		t->oldest = e->lru_prev;
	else
		t->entries[e->lru_next].lru_prev = e->lru_prev;
}

/* Takes entries that were used before first: these already have memory. */
static uint32_t take_free(struct scope_packets *t)
{
	uint32_t i = t->free;

	if (i != NO_PACKET)
		t->free = t->entries[i].lru_next;
	else if (t->used < t->n_entries)
		i = t->used++;
	return i;
}

struct scope_packet *scope_packets_add(struct scope_packets *t, uint32_t scope, uint64_t pkt)
{
	uint32_t *head = bucket(t, scope, pkt), i = take_free(t);
	struct scope_packet *e;

	if (i == NO_PACKET)
		return NULL;
	e = &t->entries[i];
	*e = (struct scope_packet){.pkt = pkt, .scope = scope, .hash_next = *head};
	*head = i;
	lru_add(t, i);
	e->progress.flags = t->flags + i * t->max_rules;
	e->progress.counts = t->counts + i * t->max_rules;
	e->progress.captures = t->captures + i * (t->max_captures + 1);
	memset(e->progress.flags, 0, t->max_rules);
	memset(e->progress.counts, 0, t->max_rules * sizeof(*t->counts));
	memset(e->progress.captures, 0, (t->max_captures + 1) * sizeof(*t->captures));
	t->live++;
	return e;
}

void scope_packets_touch(struct scope_packets *t, struct scope_packet *e)
{
	lru_remove(t, e);
	lru_add(t, e - t->entries);
}

struct scope_packet *scope_packets_oldest(const struct scope_packets *t)
{
	return t->oldest == NO_PACKET ? NULL : &t->entries[t->oldest];
}

void scope_packets_remove(struct scope_packets *t, struct scope_packet *e)
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
