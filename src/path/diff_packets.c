/* SPDX-License-Identifier: GPL-2.0-only */
/* From packets to what diff.c compares: keys, copies of packets, and which packet stands for which. */
#include <errno.h>
#include <string.h>

#include "path/diff.h"

/* A set of texts, each with a number. */
struct names {
	struct name {
		const char *func; /* borrowed; NULL: an address without a symbol */
		const char *reason;
		size_t length;
		uint8_t place;
		bool used;
	} * slots; /* owned, power of two */
	size_t mask;
};

/* The place's rank among those the packet came to, in the order of time. */
static void rank_places(const struct packet *p, uint8_t ranks[PACKET_PLACES_MAX])
{
	bool seen[PACKET_PLACES_MAX] = {0};
	uint8_t n = 0;

	for (size_t i = 0; i < p->n_steps; i++) {
		uint8_t place = p->steps[i].place;

		if (seen[place])
			continue;
		seen[place] = true;
		ranks[place] = n++;
	}
}

static const char *reason_at(const struct packet *p, size_t step)
{
	for (unsigned d = 0; d < p->n_drops; d++)
		if (p->drops[d].step == step)
			return p->drops[d].reason_name;
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static uint32_t number_of(struct names *names, const struct name *name)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ name->place; /* FNV-1a */

	for (size_t i = 0; i < name->length; i++)
		h = (h ^ (unsigned char)name->func[i]) * UINT64_C(1099511628211);
	for (h ^= h >> 32;; h++) {
		struct name *slot = &names->slots[h & names->mask];

		if (!slot->used)
			*slot = *name;
		else if (slot->length != name->length || slot->place != name->place ||
			 memcmp(slot->func ? slot->func : "", name->func ? name->func : "", name->length) != 0 ||
			 !same_text(slot->reason, name->reason))
			continue;
		return (uint32_t)(h & names->mask);
	}
}

static uint32_t *make_keys(struct names *names, const struct packet *p)
{
	uint32_t *keys = calloc(p->n_steps + 1, sizeof(*keys));
	uint8_t ranks[PACKET_PLACES_MAX] = {0};

	if (!keys)
		return NULL;
	rank_places(p, ranks);
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct path_step *s = &p->steps[i];
		struct name name = {
			.func = s->func,
			.reason = s->dropped ? reason_at(p, i) : NULL,
			.length = s->func ? func_base_length(s->func) : 0,
			.place = ranks[s->place],
			.used = true,
		};

		keys[i] = number_of(names, &name);
	}
	return keys;
}

int diff_packets(const struct packet *a, const struct packet *b, struct diff *ret)
{
	_cleanup_free_ uint32_t *a_keys = NULL, *b_keys = NULL;
	_cleanup_free_ struct name *slots = NULL;
	struct names names = {0};
	size_t size = 2;

	while (size < 2 * (a->n_steps + b->n_steps + 1))
		size *= 2;
	names.mask = size - 1;
	names.slots = slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	a_keys = make_keys(&names, a);
	b_keys = make_keys(&names, b);
	if (!a_keys || !b_keys)
		return -ENOMEM;
	return diff_keys(a_keys, a->n_steps, b_keys, b->n_steps, ret);
}

static void *copy_of(const void *from, size_t n, size_t size)
{
	void *to = calloc(n ? n : 1, size);

	if (to && n)
		memcpy(to, from, n * size);
	return to;
}

int packet_list_add(void *ctx, const struct packet *p)
{
	struct packet_list *list = ctx;
	struct packet copy = *p;

	if (list->max && list->n == list->max) {
		list->lost++;
		return 0;
	}
	if (list->n == list->cap) {
		size_t cap = list->cap ? 2 * list->cap : 64;
		struct packet *items = reallocarray(list->items, cap, sizeof(*items));

		if (!items)
			return -ENOMEM;
		list->items = items;
		list->cap = cap;
	}
	copy.steps = copy_of(p->steps, p->n_steps, sizeof(*p->steps));
	copy.runs = copy_of(p->runs, p->n_runs, sizeof(*p->runs));
	copy.hops = copy_of(p->hops, p->n_hops, sizeof(*p->hops));
	copy.cap_steps = p->n_steps;
	if (!copy.steps || !copy.runs || !copy.hops) {
		packet_clear(&copy);
		return -ENOMEM;
	}
	list->items[list->n++] = copy;
	return 0;
}

void packet_list_clear(struct packet_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		packet_clear(&list->items[i]);
	free(list->items);
	*list = (struct packet_list){0};
}

const struct packet *packet_list_find(const struct packet_list *list, uint64_t pkt)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].pkt == pkt)
			return &list->items[i];
	return NULL;
}
