/* SPDX-License-Identifier: GPL-2.0-only */
#include "select/func.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

int sig_set_add(struct sig_set *set, const struct sig *s)
{
	_cleanup_free_ char *name = strdup(s->name);
	_cleanup_free_ char *module = s->module ? strdup(s->module) : NULL;

	if (!name || (s->module && !module) || ARRAY_GROW(set->items, set->n) < 0)
		return -ENOMEM;
	set->items[set->n] = *s;
	set->items[set->n].name = TAKE_PTR(name);
	set->items[set->n++].module = TAKE_PTR(module);
	return 0;
}

void sig_set_free(struct sig_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		free(set->items[i].name);
		free(set->items[i].module);
	}
	free(set->items);
	*set = (struct sig_set){0};
}

int func_set_add(struct func_set *set, const struct func *f)
{
	if (ARRAY_GROW(set->items, set->n) < 0)
		return -ENOMEM;
	set->items[set->n++] = *f;
	set->n_attachable += f->attachable;
	return 0;
}

static size_t name_bytes(const char *name)
{
	return name ? strlen(name) + 1 : 0;
}

/* Copies *name to *at, which has enough space, and moves *at to the end of the copy. */
static void move_name(const char **name, char **at)
{
	size_t n = name_bytes(*name);

	if (!n)
		return;
	*name = memcpy(*at, *name, n);
	*at += n;
}

int func_set_own_names(struct func_set *set)
{
	size_t n = 1;
	char *names, *at;

	for (size_t i = 0; i < set->n; i++)
		n += name_bytes(set->items[i].name) + name_bytes(set->items[i].module);
	at = names = malloc(n);
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < set->n; i++) {
		move_name(&set->items[i].name, &at);
		move_name(&set->items[i].module, &at);
	}
	free(set->names);
	set->names = names;
	return 0;
}

void func_set_free(struct func_set *set)
{
	free(set->names);
	free(set->items);
	*set = (struct func_set){0};
}

const struct func *func_set_find(const struct func_set *set, uint64_t addr, uint64_t span_bytes)
{
	size_t lo = 0, hi = set->n; /* finds the first function above addr */

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (set->items[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo > 0 && set->items[lo - 1].addr && addr - set->items[lo - 1].addr <= span_bytes; lo--)
		if (set->items[lo - 1].attachable)
			return &set->items[lo - 1];
	return NULL;
}
