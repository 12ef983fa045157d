/* SPDX-License-Identifier: GPL-2.0-only */
#include "kallsyms/ksyms.h"

#include <errno.h>
#include <string.h>

#define NO_SYM	   UINT32_MAX
#define MODULE_MAX UINT16_MAX

struct sym { /* 16 bytes: there are some 200,000 */
	uint64_t addr;
	uint32_t name;	 /* offset into text */
	uint16_t module; /* 1 + index into modules; 0: vmlinux */
	char type;
};

struct ksyms {
	struct buf text;  /* names and modules are NUL-terminated in place */
	struct sym *syms; /* by address */
	size_t n, cap;
	uint32_t *modules; /* offsets into text */
	size_t n_modules, cap_modules;
	uint32_t *heads; /* hash of the stripped name → first text symbol, or NO_SYM */
	uint32_t *next;	 /* symbol → next one in its bucket */
	uint32_t mask;
};

bool ksym_is_text(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

static const char *sym_name(const struct ksyms *ks, const struct sym *s)
{
	return ks->text.data + s->name;
}

/* Length of the name before its suffixes. A leading dot belongs to the name. */
static size_t stripped_len(const char *name)
{
	const char *dot = *name ? strchr(name + 1, '.') : NULL;

	return dot ? (size_t)(dot - name) : strlen(name);
}

static uint32_t hash_bytes(const char *p, size_t len)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)p[i]) * 16777619u;
	return h ^ h >> 15;
}

static int grow(void *array, size_t *cap, size_t n, size_t size)
{
	void **p = array;
	size_t more = *cap ? *cap * 2 : 256;
	void *q;

	if (n < *cap)
		return 0;
	q = reallocarray(*p, more, size);
	if (!q)
		return -ENOMEM;
	*p = q;
	*cap = more;
	return 0;
}

/* Symbols of a module follow each other, so the last one is nearly always it. */
static int module_intern(struct ksyms *ks, uint32_t name, uint16_t *ret)
{
	const char *text = ks->text.data;
	int r;

	for (size_t i = ks->n_modules; i > 0; i--) {
		if (strcmp(text + ks->modules[i - 1], text + name) != 0)
			continue;
		*ret = i;
		return 0;
	}
	if (ks->n_modules == MODULE_MAX)
		return -E2BIG;
	r = grow(&ks->modules, &ks->cap_modules, ks->n_modules, sizeof(*ks->modules));
	if (r < 0)
		return r;
	ks->modules[ks->n_modules++] = name;
	*ret = ks->n_modules;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static const char *parse_addr(const char *p, const char *end, uint64_t *ret)
{
	const char *start = p;
	uint64_t v = 0;

	for (; p < end && hex_digit(*p) >= 0; p++)
		v = v << 4 | hex_digit(*p);
	if (p == start || p - start > 16)
		return NULL;
	*ret = v;
	return p;
}

/* Cuts "[NAME]" out of p..end. */
static int parse_module(struct ksyms *ks, char *p, char *end, uint16_t *ret)
{
	if (end - p < 3 || *p != '[' || end[-1] != ']')
		return -EBADMSG;
	end[-1] = '\0';
	return module_intern(ks, p + 1 - ks->text.data, ret);
}

/* One line, p..end without its newline. *end is overwritten. */
static int parse_line(struct ksyms *ks, char *p, char *end)
{
	struct sym s = {0};
	char *q = (char *)parse_addr(p, end, &s.addr);
	char *tab;
	int r;

	if (!q || end - q < 4 || q[0] != ' ' || q[2] != ' ')
		return -EBADMSG;
	s.type = q[1];
	q += 3;
	s.name = q - ks->text.data;
	tab = memchr(q, '\t', end - q);
	*end = '\0';
	if (tab) {
		*tab = '\0';
		r = parse_module(ks, tab + 1, end, &s.module);
		if (r < 0)
			return r;
	}
	if (strlen(q) != (size_t)((tab ? tab : end) - q) || !*q)
		return -EBADMSG;
	if (s.type == 'A' || s.type == 'a') /* absolute: per-CPU offsets and constants, no addresses */
		return 0;
	r = grow(&ks->syms, &ks->cap, ks->n, sizeof(*ks->syms));
	if (r < 0)
		return r;
	ks->syms[ks->n++] = s;
	return 0;
}

static int parse_text(struct ksyms *ks, struct reason *reason)
{
	char *p = ks->text.data, *end = p + ks->text.len;

	for (size_t line = 1; p < end; line++) {
		char *nl = memchr(p, '\n', end - p);
		int r;

		if (!nl)
			nl = end; /* the byte buf_reserve() made room for */
		r = parse_line(ks, p, nl);
		if (r == -EBADMSG)
			return reason_set(reason, r, "kallsyms: line %zu is not 'ADDRESS TYPE NAME [MODULE]'", line);
		if (r < 0)
			return r;
		p = nl + 1;
	}
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

/* Aliases: text before data, global before local, then the order of the file. */
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
		head = &ks->heads[hash_bytes(name, stripped_len(name)) & ks->mask];
		ks->next[i - 1] = *head;
		*head = i - 1;
	}
	return 0;
}

int ksyms_new(struct buf *text, struct ksyms **ret, struct reason *reason)
{
	_cleanup_ksyms_ struct ksyms *ks = calloc(1, sizeof(*ks));
	int r;

	if (!ks)
		return -ENOMEM;
	if (text->len >= UINT32_MAX)
		return -E2BIG;
	r = buf_reserve(text, 1);
	if (r < 0)
		return r;
	ks->text = *text; /* borrowed until the end: a failure must leave it to the caller */
	r = parse_text(ks, reason);
	if (r >= 0)
		r = check_addresses(ks, reason);
	if (r >= 0) {
		qsort(ks->syms, ks->n, sizeof(*ks->syms), sym_cmp);
		r = index_names(ks);
	}
	if (r < 0) {
		ks->text = (struct buf){0};
		return r;
	}
	*text = (struct buf){0};
	*ret = TAKE_PTR(ks);
	return 0;
}

int ksyms_load(struct ksyms **ret, struct reason *reason)
{
	_cleanup_buf_ struct buf text = {0};
	int r = buf_read_file("/proc/kallsyms", &text);

	if (r < 0)
		return reason_set(reason, r, "cannot read /proc/kallsyms: %s", strerror(-r));
	return ksyms_new(&text, ret, reason);
}

void ksyms_free(struct ksyms *ks)
{
	if (!ks)
		return;
	buf_free(&ks->text);
	free(ks->syms);
	free(ks->modules);
	free(ks->heads);
	free(ks->next);
	free(ks);
}

/* Since 6.2 each function has a second symbol for the bytes that pad it in front (scripts/mod, objtool): no code. */
static bool is_padding(const char *name)
{
	return strncmp(name, "__pfx_", 6) == 0;
}

/* Whether ksyms_find() could ever look at symbol i: the first of its aliases, and text or the end of text. */
static bool is_looked_at(const struct ksyms *ks, size_t i)
{
	const struct sym *s = &ks->syms[i], *before = s - 1;

	if ((i > 0 && before->addr == s->addr) || is_padding(sym_name(ks, s)))
		return false;
	if (ksym_is_text(s->type) || i == 0)
		return ksym_is_text(s->type);
	while (before > ks->syms && before[-1].addr == before->addr)
		before--;
	return ksym_is_text(before->type);
}

static const char *looked_at_name(const struct ksyms *ks, size_t i)
{
	const struct sym *s = &ks->syms[i];

	return ksym_is_text(s->type) ? sym_name(ks, s) : "";
}

/* Room for exactly what copy_symbol() and the modules need. */
static int reserve_small(const struct ksyms *ks, struct ksyms *small)
{
	size_t text_bytes = 0;

	for (size_t i = 0; i < ks->n_modules; i++)
		text_bytes += strlen(ks->text.data + ks->modules[i]) + 1;
	for (size_t i = 0; i < ks->n; i++) {
		if (!is_looked_at(ks, i))
			continue;
		small->cap++;
		text_bytes += strlen(looked_at_name(ks, i)) + 1;
	}
	small->text = (struct buf){.data = malloc(text_bytes + 1), .cap = text_bytes + 1};
	small->syms = calloc(small->cap + 1, sizeof(*small->syms));
	small->modules = calloc(ks->n_modules + 1, sizeof(*small->modules));
	small->heads = malloc(sizeof(*small->heads));
	return small->text.data && small->syms && small->modules && small->heads ? 0 : -ENOMEM;
}

/* A NUL-terminated copy at the end of b, as an offset. */
static int copy_name(struct buf *b, const char *name, uint32_t *ret)
{
	*ret = b->len;
	return buf_append(b, name, strlen(name) + 1);
}

/* Appends symbol i to small, which has room for it; its module's number stays what it was. */
static int copy_symbol(const struct ksyms *ks, size_t i, struct ksyms *small)
{
	struct sym s = ks->syms[i];
	int r = copy_name(&small->text, looked_at_name(ks, i), &s.name);

	if (r >= 0)
		small->syms[small->n++] = s;
	return r;
}

int ksyms_shrink(struct ksyms *ks)
{
	_cleanup_ksyms_ struct ksyms *small = calloc(1, sizeof(*small));
	struct ksyms old = *ks;
	int r = small ? reserve_small(ks, small) : -ENOMEM;

	if (r < 0)
		return r;
	small->heads[0] = NO_SYM; /* a mask of 0: every look-up by name ends here */
	for (; r >= 0 && small->n_modules < ks->n_modules; small->n_modules++)
		r = copy_name(&small->text, ks->text.data + ks->modules[small->n_modules],
			      &small->modules[small->n_modules]);
	for (size_t i = 0; r >= 0 && i < ks->n; i++)
		r = is_looked_at(ks, i) ? copy_symbol(ks, i, small) : 0;
	if (r < 0)
		return r;
	*ks = *small;
	*small = old;
	return 0;
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
		.module = s->module ? ks->text.data + ks->modules[s->module - 1] : NULL,
		.type = s->type,
	};
}

/* Number of symbols below addr. */
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
		i = lower_bound(ks, ks->syms[i - 1].addr); /* the first of its aliases */
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
	size_t key = variants ? len : stripped_len(name);

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
