/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>

#include "kallsyms/ksyms_private.h"

bool ksym_is_text(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

void ksyms_free(struct ksyms *ks)
{
	if (!ks)
		return;
	buf_free(&ks->names);
	free(ks->syms);
	free(ks->modules);
	free(ks->heads);
	free(ks->next);
	free(ks);
}

/* Whether ksyms_find() can use symbol i: it is the first one at its address, and is text or ends text. */
static bool is_needed(const struct ksyms *ks, size_t i)
{
	const struct sym *s = &ks->syms[i], *before = s - 1;

	if ((i > 0 && before->addr == s->addr) || s->type == TYPE_PADDING)
		return false;
	if (ksym_is_text(s->type) || i == 0)
		return ksym_is_text(s->type);
	while (before > ks->syms && before[-1].addr == before->addr)
		before--;
	return ksym_is_text(before->type);
}

/* Shrinks the array at *array. On failure it keeps its size. */
static void shrink(void *array, size_t bytes)
{
	void **p = array, *q = realloc(*p, bytes ? bytes : 1);

	if (q)
		*p = q;
}

void ksyms_shrink(struct ksyms *ks)
{
	size_t n = 0;

	/* Only mark them in this loop: is_needed() needs the symbols before i. */
	for (size_t i = 0; i < ks->n; i++) {
		if (!is_needed(ks, i))
			ks->syms[i].name = NO_SYM;
	}
	for (size_t i = 0; i < ks->n; i++) {
		if (ks->syms[i].name != NO_SYM)
			ks->syms[n++] = ks->syms[i];
	}
	ks->n = n;
	shrink(&ks->syms, n * sizeof(*ks->syms));
	ks->heads[0] = NO_SYM; /* mask is 0, so every look-up by name uses this head */
	ks->mask = 0;
	shrink(&ks->heads, sizeof(*ks->heads));
	free(ks->next);
	ks->next = NULL;
}

size_t ksyms_count(const struct ksyms *ks)
{
	return ks->n;
}

struct ksym ksyms_at(const struct ksyms *ks, size_t i)
{
	const struct sym *s = &ks->syms[i];

	return (struct ksym){
		.addr = s->addr,
		.name = sym_name(ks, s),
		.module = s->module ? ks->names.data + ks->modules[s->module - 1] : NULL,
		.type = s->type,
	};
}

/* The number of symbols below addr. */
static size_t lower_bound(const struct ksyms *ks, uint64_t addr)
{
	size_t lo = 0, hi = ks->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ks->syms[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int ksyms_find(const struct ksyms *ks, uint64_t addr, struct ksym *ret, uint64_t *ret_offset_bytes)
{
	size_t i = lower_bound(ks, addr);

	if (i == ks->n || ks->syms[i].addr != addr) {
		if (i == 0)
			return -ENOENT;
		i = lower_bound(ks, ks->syms[i - 1].addr); /* the first one at that address */
	}
	if (!ksym_is_text(ks->syms[i].type))
		return -ENOENT;
	*ret = ksyms_at(ks, i);
	*ret_offset_bytes = addr - ret->addr;
	return 0;
}

uint64_t ksyms_extent_bytes(const struct ksyms *ks, uint64_t addr)
{
	size_t i = addr == UINT64_MAX ? ks->n : lower_bound(ks, addr + 1);

	return i < ks->n ? ks->syms[i].addr - addr : 0;
}

static struct ksyms_iter iter_start(const struct ksyms *ks, const char *name, bool variants)
{
	size_t len = strlen(name);
	size_t key = variants ? len : symbol_base_len(name);

	return (struct ksyms_iter){
		.ks = ks,
		.name = name,
		.name_len = len,
		.at = ks->heads[hash_bytes(name, key) & ks->mask],
		.variants = variants,
	};
}

struct ksyms_iter ksyms_named(const struct ksyms *ks, const char *name)
{
	return iter_start(ks, name, false);
}

struct ksyms_iter ksyms_variants(const struct ksyms *ks, const char *name)
{
	return iter_start(ks, name, true);
}

bool ksyms_next(struct ksyms_iter *it, struct ksym *ret)
{
	while (it->at != NO_SYM) {
		uint32_t i = it->at;
		const char *name = sym_name(it->ks, &it->ks->syms[i]);

		it->at = it->ks->next[i];
		if (strncmp(name, it->name, it->name_len) != 0)
			continue;
		if (name[it->name_len] != (it->variants ? '.' : '\0'))
			continue;
		*ret = ksyms_at(it->ks, i);
		return true;
	}
	return false;
}

bool ksyms_first(const struct ksyms *ks, const char *name, struct ksym *ret)
{
	struct ksyms_iter it = ksyms_named(ks, name);

	return ksyms_next(&it, ret);
}
