/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/skb_table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/hash.h"

/* A dying skb is given up after so many further deaths and so much time. A virtual CPU may stand still between two
 * steps. */
#define DYING_KEPT 1024
#define DYING_NS   UINT64_C(100000000)

#define binding_of(link, member) ((struct skb_binding *)(void *)((char *)(link)-offsetof(struct skb_binding, member)))

static void link_init(struct skb_link *l)
{
	l->prev = l->next = l;
}

static void link_remove(struct skb_link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	link_init(l);
}

static void link_add(struct skb_link *list, struct skb_link *l)
{
	l->prev = list;
	l->next = list->next;
	list->next->prev = l;
	list->next = l;
}

static struct skb_link *bucket(const struct skb_table *t, struct skb_link *buckets, uint64_t address)
{
	return &buckets[hash_u64(address) & t->bucket_mask];
}

struct skb_binding *skb_table_find(const struct skb_table *t, uint64_t skb)
{
	struct skb_link *list = bucket(t, t->by_skb, skb);

	for (struct skb_link *l = list->next; l != list; l = l->next)
		if (binding_of(l, by_skb)->skb == skb)
			return binding_of(l, by_skb);
	return NULL;
}

struct skb_binding *skb_table_find_head(const struct skb_table *t, uint64_t head)
{
	struct skb_link *list = bucket(t, t->by_head, head);

	for (struct skb_link *l = list->next; l != list; l = l->next)
		if (binding_of(l, by_head)->head == head)
			return binding_of(l, by_head);
	return NULL;
}

void skb_table_remove(struct skb_table *t, struct skb_binding *b)
{
	link_remove(&b->by_skb);
	link_remove(&b->by_head);
	link_remove(&b->lru);
	link_add(&t->unused, &b->lru);
	t->n_dying -= b->step != DEATH_NONE;
}

void skb_table_set_head(struct skb_table *t, struct skb_binding *b, uint64_t head)
{
	link_remove(&b->by_head);
	b->head = head;
	if (head)
		link_add(bucket(t, t->by_head, head), &b->by_head);
}

void skb_table_use(struct skb_table *t, struct skb_binding *b)
{
	link_remove(&b->lru);
	link_add(&t->lru, &b->lru);
}

void skb_table_die(struct skb_table *t, struct skb_binding *b, enum death_step step, uint64_t now_ns)
{
	link_remove(&b->lru);
	link_add(t->dying.prev, &b->lru);
	link_remove(&b->by_head);
	t->n_dying += b->step == DEATH_NONE;
	b->step = step;
	b->died_ns = now_ns;
}

static struct skb_binding *oldest_dying(const struct skb_table *t)
{
	return t->dying.next == &t->dying ? NULL : binding_of(t->dying.next, lru);
}

static bool is_long_dead(const struct skb_table *t, const struct skb_binding *dying, uint64_t now_ns)
{
	return t->n_dying >= DYING_KEPT && now_ns > dying->died_ns && now_ns - dying->died_ns >= DYING_NS;
}

/* A binding that is in no list: one that was given back, of an skb dead for long, never used, or else the next to make
 * room. */
static struct skb_binding *take(struct skb_table *t, uint64_t now_ns)
{
	struct skb_binding *dying = oldest_dying(t), *b;

	if (t->unused.next == &t->unused) {
		if (t->n_used < t->n && !(dying && is_long_dead(t, dying, now_ns)))
			return &t->bindings[t->n_used++];
		t->evicted += !dying;
		skb_table_remove(t, dying ?: binding_of(t->lru.prev, lru));
	}
	b = binding_of(t->unused.next, lru);
	link_remove(&b->lru);
	return b;
}

struct skb_binding *skb_table_add(struct skb_table *t, uint64_t skb, uint64_t head, uint64_t now_ns)
{
	struct skb_binding *b = take(t, now_ns);

	*b = (struct skb_binding){.skb = skb};
	link_init(&b->by_head);
	link_add(&t->lru, &b->lru);
	link_add(bucket(t, t->by_skb, skb), &b->by_skb);
	skb_table_set_head(t, b, head);
	return b;
}

int skb_table_init(struct skb_table *t, size_t n)
{
	size_t buckets = 2;

	if (n == 0 || n > UINT32_MAX)
		return -EINVAL;
	while (buckets < n)
		buckets *= 2;
	*t = (struct skb_table){
		.by_skb = calloc(buckets, sizeof(*t->by_skb)),
		.by_head = calloc(buckets, sizeof(*t->by_head)),
		.bindings = calloc(n, sizeof(*t->bindings)),
		.n = n,
		.bucket_mask = buckets - 1,
	};
	if (!t->by_skb || !t->by_head || !t->bindings) {
		skb_table_clear(t);
		return -ENOMEM;
	}
	link_init(&t->lru);
	link_init(&t->dying);
	link_init(&t->unused);
	for (size_t i = 0; i < buckets; i++) {
		link_init(&t->by_skb[i]);
		link_init(&t->by_head[i]);
	}
	return 0;
}

void skb_table_clear(struct skb_table *t)
{
	free(t->by_skb);
	free(t->by_head);
	free(t->bindings);
	*t = (struct skb_table){0};
}
