/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "path/free_meaning.h"
#include "path/queues.h"
#include "path/stages.h"

#define KNOWN 512u

/* A function's name mostly has one address, so an address that was looked up is remembered. */
struct known_func {
	const char *name;
	struct func_facts facts;
};

struct func_tables {
	struct stages *stages, *queues, *marks;
	struct known_func known[KNOWN];
};

int func_tables_new(struct func_tables **ret)
{
	_cleanup_(func_tables_freep) struct func_tables *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	r = stages_new(&t->stages);
	if (r >= 0)
		r = stages_new_from(queue_table, &t->queues);
	if (r >= 0)
		r = stages_new_from(free_mark_table, &t->marks);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(t);
	return 0;
}

void func_tables_free(struct func_tables *t)
{
	if (!t)
		return;
	stages_free(t->stages);
	stages_free(t->queues);
	stages_free(t->marks);
	free(t);
}

struct func_facts func_tables_find(struct func_tables *t, const char *func)
{
	struct known_func *k = &t->known[hash_u64((uintptr_t)func) % KNOWN];

	if (func && k->name != func)
		*k = (struct known_func){func,
					 {.stage = stages_find(t->stages, func),
					  .queue = (uint8_t)stages_find(t->queues, func),
					  .marks = (uint8_t)stages_find(t->marks, func)}};
	return func ? k->facts : (struct func_facts){0};
}
