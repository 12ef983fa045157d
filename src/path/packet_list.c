/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/packet_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

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
	if (ARRAY_GROW(list->items, list->n) < 0)
		return -ENOMEM;
	copy.steps = copy_of(p->steps, p->n_steps, sizeof(*p->steps));
	copy.progs = copy_of(p->progs, p->n_progs, sizeof(*p->progs));
	copy.runs = copy_of(p->runs, p->n_runs, sizeof(*p->runs));
	copy.hops = copy_of(p->hops, p->n_hops, sizeof(*p->hops));
	if (!copy.steps || !copy.progs || !copy.runs || !copy.hops) {
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
