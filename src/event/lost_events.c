/* SPDX-License-Identifier: GPL-2.0-only */
#include "event/lost_events.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

uint64_t ledger_lost(const struct lost_events *l)
{
	const uint64_t parts[] = {l->lost_ring, l->lost_recursion, l->lost_kprobe, l->lost_map};
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (__builtin_add_overflow(sum, parts[i], &sum))
			return UINT64_MAX;
	return sum;
}

bool lost_events_proves_no_loss(const struct lost_events *l)
{
	return l->provable && ledger_lost(l) == 0 && l->limited == 0;
}

static void add(uint64_t *sum, uint64_t v)
{
	if (__builtin_add_overflow(*sum, v, sum))
		*sum = UINT64_MAX;
}

void lost_events_sum_add(struct lost_events_sum *sum, const struct lost_events *l)
{
	struct lost_events *t = &sum->total;

	if (sum->n++ == 0) {
		*t = *l;
		return;
	}
	add(&t->events, l->events);
	add(&t->lost_ring, l->lost_ring);
	add(&t->lost_recursion, l->lost_recursion);
	add(&t->lost_kprobe, l->lost_kprobe);
	add(&t->lost_map, l->lost_map);
	add(&t->unreadable, l->unreadable);
	add(&t->selected, l->selected);
	add(&t->attached, l->attached);
	add(&t->failed, l->failed);
	add(&t->duration_ns, l->duration_ns);
	if (!l->provable && t->provable)
		t->unprovable_why = l->unprovable_why;
	t->provable = t->provable && l->provable;
	if (!t->backend || !l->backend || strcmp(t->backend, l->backend) != 0)
		t->backend = NULL;
}
