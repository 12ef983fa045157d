/* SPDX-License-Identifier: GPL-2.0-only */
#include "select/avail.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define SITE_SPAN_BYTES 16 /* a call site starts less than this after its function */

struct avail_entry {
	const char *name;   /* points into text, NUL-terminated */
	const char *module; /* NULL: vmlinux */
};

struct avail_range {
	uint64_t start, end; /* end excluded */
};

struct avail {
	char *text;		     /* owned; copy of the list, cut into strings */
	struct avail_entry *entries; /* by name, then module */
	uint64_t *addrs;	     /* sorted */
	size_t n_entries, n_addrs;
	struct avail_range *ranges; /* in the order of the file; some hundred */
	size_t n_ranges;
	bool has_list;
};

static int module_cmp(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int entry_cmp(const void *a, const void *b)
{
	const struct avail_entry *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : module_cmp(x->module, y->module);
}

static int u64_cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static size_t count_lines(const char *s, size_t len)
{
	size_t n = 1;

	for (const char *p = s; (p = memchr(p, '\n', s + len - p)); p++)
		n++;
	return n;
}

/* Takes the text before the first blank as an address, unless "[MODULE]" follows. */
static int parse_entry(struct avail *a, char *line)
{
	struct avail_entry *e = &a->entries[a->n_entries];
	char *blank = strchr(line, ' '), *end;

	if (blank && blank[1] != '[') {
		a->addrs[a->n_addrs] = strtoull(line, &end, 16);
		if (end != blank)
			return -EBADMSG;
		a->n_addrs++;
		line = blank + 1;
		blank = strchr(line, ' ');
	}
	e->name = line;
	e->module = NULL;
	if (blank) {
		end = strchr(blank, ']');
		if (blank[1] != '[' || !end)
			return -EBADMSG;
		*blank = *end = '\0';
		e->module = blank + 2;
	}
	if (!*line)
		return -EBADMSG;
	a->n_entries++;
	return 0;
}

static int parse_functions(struct avail *a, const char *text, size_t len)
{
	size_t lines = count_lines(text, len);
	char *save = NULL;

	a->has_list = true;
	a->text = strndup(text, len);
	a->entries = calloc(lines, sizeof(*a->entries));
	a->addrs = calloc(lines, sizeof(*a->addrs));
	if (!a->text || !a->entries || !a->addrs)
		return -ENOMEM;
	for (char *line = strtok_r(a->text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		int r = parse_entry(a, line);

		if (r < 0)
			return r;
	}
	if (a->n_addrs && a->n_addrs != a->n_entries)
		return -EBADMSG;
	qsort(a->entries, a->n_entries, sizeof(*a->entries), entry_cmp);
	qsort(a->addrs, a->n_addrs, sizeof(*a->addrs), u64_cmp);
	return 0;
}

/* "0xSTART-0xEND\tNAME": kernel/kprobes.c, kprobe_blacklist_seq_show(). */
static int parse_range(struct avail *a, const char *line)
{
	struct avail_range *rg = &a->ranges[a->n_ranges];
	char *end;

	if (!isxdigit((unsigned char)*line))
		return -EBADMSG;
	rg->start = strtoull(line, &end, 16);
	if (*end != '-')
		return -EBADMSG;
	rg->end = strtoull(end + 1, &end, 16);
	if (*end != '\t' && *end != ' ')
		return -EBADMSG;
	a->n_ranges++;
	return 0;
}

static int parse_blacklist(struct avail *a, const char *text, size_t len)
{
	_cleanup_free_ char *copy = strndup(text, len);
	char *save = NULL;

	a->ranges = calloc(count_lines(text, len), sizeof(*a->ranges));
	if (!copy || !a->ranges)
		return -ENOMEM;
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		int r = parse_range(a, line);

		if (r < 0)
			return r;
	}
	return 0;
}

int avail_new(const char *functions, size_t functions_len, const char *blacklist, size_t blacklist_len,
	      struct avail **ret)
{
	_cleanup_avail_ struct avail *a = calloc(1, sizeof(*a));
	int r = 0;

	if (!a)
		return -ENOMEM;
	if (functions)
		r = parse_functions(a, functions, functions_len);
	if (r >= 0 && blacklist)
		r = parse_blacklist(a, blacklist, blacklist_len);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(a);
	return 0;
}

void avail_free(struct avail *a)
{
	if (!a)
		return;
	free(a->text);
	free(a->entries);
	free(a->addrs);
	free(a->ranges);
	free(a);
}

bool avail_has_list(const struct avail *a)
{
	return a->has_list;
}

bool avail_has_addrs(const struct avail *a)
{
	return a->n_addrs > 0;
}

size_t avail_count(const struct avail *a)
{
	return a->n_entries;
}

size_t avail_names(const struct avail *a, const char *name, const char *module)
{
	struct avail_entry key = {name, module};
	const struct avail_entry *all = a->entries, *e;
	size_t first, last;

	if (a->n_entries == 0)
		return 0;
	e = bsearch(&key, all, a->n_entries, sizeof(*all), entry_cmp);
	if (!e)
		return 0;
	for (first = e - all; first > 0 && entry_cmp(&all[first - 1], &key) == 0;)
		first--;
	for (last = e - all; last + 1 < a->n_entries && entry_cmp(&all[last + 1], &key) == 0;)
		last++;
	return last - first + 1;
}

bool avail_addr(const struct avail *a, uint64_t addr)
{
	size_t lo = 0, hi = a->n_addrs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (a->addrs[mid] < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < a->n_addrs && a->addrs[lo] - addr < SITE_SPAN_BYTES;
}

bool avail_blacklisted(const struct avail *a, uint64_t addr)
{
	for (size_t i = 0; i < a->n_ranges; i++)
		if (addr >= a->ranges[i].start && addr < a->ranges[i].end)
			return true;
	return false;
}
