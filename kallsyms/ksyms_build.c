/* SPDX-License-Identifier: GPL-2.0-only */
/* Builds a struct ksyms from symbols that are given one by one. */
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "kallsyms/ksyms_builder.h"
#include "kallsyms/ksyms_private.h"

#define MODULE_MAX UINT16_MAX

struct ksyms_builder {
	struct ksyms *ks;   /* owned */
	size_t n_core;	    /* symbols of vmlinux, which are given first */
	bool after_data;    /* of vmlinux: a data symbol was kept after the last text symbol */
	uint64_t last_addr; /* of vmlinux's last symbol, kept or not */
};

/* Appends a NUL-terminated copy; *ret: its offset in names. */
static int add_name(struct ksyms *ks, const char *name, size_t len, uint32_t *ret)
{
	size_t at = ks->names.len;
	int r;

	if (len >= UINT32_MAX - at)
		return -E2BIG;
	r = buf_reserve(&ks->names, len + 1);
	if (r < 0)
		return r;
	memcpy(ks->names.data + at, name, len);
	ks->names.data[at + len] = '\0';
	ks->names.len = at + len + 1;
	*ret = at;
	return 0;
}

/* The symbols of a module are given together, so the search starts with the last module. */
static int module_intern(struct ksyms *ks, const char *name, size_t len, uint16_t *ret)
{
	int r;

	for (size_t i = ks->n_modules; i > 0; i--) {
		const char *known = ks->names.data + ks->modules[i - 1];

		if (strlen(known) != len || memcmp(known, name, len) != 0)
			continue;
		*ret = i;
		return 0;
	}
	if (ks->n_modules == MODULE_MAX)
		return -E2BIG;
	r = ARRAY_GROW(ks->modules, ks->n_modules);
	if (r >= 0)
		r = add_name(ks, name, len, &ks->modules[ks->n_modules]);
	if (r < 0)
		return r;
	ks->n_modules++;
	*ret = ks->n_modules;
	return 0;
}

/* Since Linux 6.2 a function has a second symbol for the padding bytes before it (scripts/mod, objtool), which are not
 * code. */
static bool is_padding(const char *name, size_t len)
{
	return len > 6 && memcmp(name, "__pfx_", 6) == 0;
}

/* Whether a symbol of vmlinux is data after data, which need not be kept because text has already ended. vmlinux's
 * symbols are in the order of addresses: scripts/kallsyms.c sorts them, and the kernel's own look-up relies on it. */
static bool is_needless(struct ksyms_builder *b, const struct sym *s)
{
	bool data = !ksym_is_text(s->type), needless = data && b->after_data && s->addr >= b->last_addr;

	b->after_data =
		data && (b->after_data || s->addr != b->last_addr); /* data at an address of text does not end it */
	b->last_addr = s->addr;
	return needless;
}

static int add_symbol(struct ksyms_builder *b, struct sym s, const char *name, size_t len)
{
	struct ksyms *ks = b->ks;
	int r;

	if (!s.module && b->n_core == ks->n && is_needless(b, &s))
		return 0;
	r = ARRAY_GROW(ks->syms, ks->n);
	if (r < 0)
		return r;
	if (ksym_is_text(s.type) && is_padding(name, len))
		s.type = TYPE_PADDING;
	else if (ksym_is_text(s.type))
		r = add_name(ks, name, len, &s.name);
	if (r < 0)
		return r;
	b->n_core += !s.module && b->n_core == ks->n;
	ks->syms[ks->n++] = s;
	return 0;
}

static int check_addresses(const struct ksyms *ks, struct reason *reason)
{
	if (ks->n == 0)
		return reason_set(reason, -EBADMSG, "kallsyms: no symbols (is CONFIG_KALLSYMS on?)");
	for (size_t i = 0; i < ks->n; i++)
		if (ksym_is_text(ks->syms[i].type) && ks->syms[i].addr != 0)
			return 0;
	return reason_set(
		reason, -EPERM,
		"/proc/kallsyms hides the kernel's addresses: run as root, with kernel.kptr_restrict at 0 or 1");
}

/* The order at one address: text before data, global before local; then as in the file, that is, by offset of the name.
 */
static int sym_rank(const struct sym *s)
{
	return (ksym_is_text(s->type) ? 0 : 2) + (s->type == 'T' ? 0 : 1);
}

static int sym_cmp(const void *a, const void *b)
{
	const struct sym *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (sym_rank(x) != sym_rank(y))
		return sym_rank(x) - sym_rank(y);
	return x->name < y->name ? -1 : x->name > y->name;
}

/* Sorts symbols that are already in the order of addresses. False if they are not. */
static bool sort_aliases(struct sym *syms, size_t n)
{
	size_t first = 0; /* of those at one address */

	for (size_t i = 1; i <= n; i++) {
		if (i < n && syms[i].addr < syms[i - 1].addr)
			return false;
		if (i < n && syms[i].addr == syms[first].addr)
			continue;
		if (i - first > 1)
			qsort(syms + first, i - first, sizeof(*syms), sym_cmp);
		first = i;
	}
	return true;
}

/* vmlinux's symbols are mostly sorted already. Modules are above it or, on some architectures, below. */
static void sort_symbols(struct ksyms_builder *b)
{
	struct sym *syms = b->ks->syms;
	size_t n = b->ks->n, core = b->n_core;

	if (sort_aliases(syms, core)) {
		qsort(syms + core, n - core, sizeof(*syms), sym_cmp);
		if (core == 0 || core == n || syms[core - 1].addr < syms[core].addr)
			return;
	}
	qsort(syms, n, sizeof(*syms), sym_cmp);
}

static int index_names(struct ksyms *ks)
{
	uint32_t buckets = 1024;

	while (buckets < ks->n)
		buckets *= 2;
	ks->mask = buckets - 1;
	ks->heads = malloc(buckets * sizeof(*ks->heads));
	ks->next = malloc(ks->n * sizeof(*ks->next));
	if (!ks->heads || !ks->next)
		return -ENOMEM;
	memset(ks->heads, 0xff, buckets * sizeof(*ks->heads));
	for (size_t i = ks->n; i > 0; i--) { /* backwards, so that each bucket ascends */
		const struct sym *s = &ks->syms[i - 1];
		const char *name = sym_name(ks, s);
		uint32_t *head;

		if (!ksym_is_text(s->type))
			continue;
		head = &ks->heads[hash_bytes(name, symbol_base_len(name)) & ks->mask];
		ks->next[i - 1] = *head;
		*head = i - 1;
	}
	return 0;
}

int ksyms_builder_new(struct ksyms_builder **ret)
{
	struct ksyms_builder *b = calloc(1, sizeof(*b));
	uint32_t nameless;

	if (b)
		b->ks = calloc(1, sizeof(*b->ks));
	if (!b || !b->ks || add_name(b->ks, "", 0, &nameless) < 0) {
		ksyms_builder_free(b);
		return -ENOMEM;
	}
	*ret = b;
	return 0;
}

void ksyms_builder_free(struct ksyms_builder *b)
{
	if (!b)
		return;
	ksyms_free(b->ks);
	free(b);
}

int ksyms_builder_add(struct ksyms_builder *b, uint64_t addr, char type, const char *name, size_t len,
		      const char *module, size_t module_len)
{
	struct sym s = {.addr = addr, .type = type};
	int r = 0;

	if (type == 'A' || type == 'a') /* absolute: per-CPU offsets and constants, no addresses */
		return 0;
	if (module)
		r = module_intern(b->ks, module, module_len, &s.module);
	return r < 0 ? r : add_symbol(b, s, name, len);
}

int ksyms_builder_finish(struct ksyms_builder *b, struct ksyms **ret, struct reason *reason)
{
	int r = check_addresses(b->ks, reason);

	if (r < 0)
		return r;
	sort_symbols(b);
	r = index_names(b->ks);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(b->ks);
	return 0;
}
