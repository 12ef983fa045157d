/* SPDX-License-Identifier: GPL-2.0-only */
#include "record/merge.h"

#include <string.h>

static void add(uint64_t *sum, uint64_t v)
{
	if (__builtin_add_overflow(*sum, v, sum))
		*sum = UINT64_MAX;
}

void ledger_sum_add(struct ledger_sum *sum, const struct ledger *l)
{
	struct ledger *t = &sum->total;

	if (sum->n++ == 0) {
		*t = *l;
		return;
	}
	add(&t->events, l->events);
	add(&t->lost_ring, l->lost_ring);
	add(&t->lost_recursion, l->lost_recursion);
	add(&t->lost_kprobe, l->lost_kprobe);
	add(&t->lost_map, l->lost_map);
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
