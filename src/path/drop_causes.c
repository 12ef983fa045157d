/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/drop_causes.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/symbol.h"
#include "event/tuple.h"
#include "path/drop_causes_table.h"

#define CANDIDATES_MAX 24

enum judgement { EXCLUDED, POSSIBLE, CERTAIN };

struct candidates {
	const char *texts[CANDIDATES_MAX];
	size_t n;
	const char *certain; /* NULL: none */
};

/* Whether the word list, separated by spaces, has the symbol, or with prefix its beginning. */
static bool list_has(const char *list, const char *symbol, bool prefix)
{
	size_t symbol_len = symbol_base_len(symbol), len;

	for (; *list; list += len + (list[len] == ' ')) {
		len = strcspn(list, " ");
		if (prefix ? strncmp(symbol, list, len) == 0 : len == symbol_len && memcmp(symbol, list, len) == 0)
			return true;
	}
	return false;
}

static bool place_fits(const struct cause_row *row, const struct drop_facts *f)
{
	bool none = row->at && row->at[0] == '!';

	if (row->after && (!f->after || !list_has(row->after, f->after, true)))
		return false;
	return !row->at || !f->symbol || list_has(row->at + none, f->symbol, false) != none;
}

static enum judgement judge(const struct cause_row *row, const struct drop_facts *f, bool sure_of_key)
{
	uint64_t known = f->facts.known, holds = f->facts.holds, wanted = row->yes | row->no;
	bool conditional = wanted || row->after || (row->at && f->symbol);

	if (!place_fits(row, f) || (known & ((row->yes & ~holds) | (row->no & holds))))
		return EXCLUDED;
	if (row->sure && ((wanted & ~known) || (row->at && !f->symbol)))
		return EXCLUDED;
	if (row->maybe || !conditional || (wanted & ~known) || !(sure_of_key || row->decides))
		return POSSIBLE;
	return CERTAIN;
}

static void add(struct candidates *c, const char *text)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->texts[i], text) == 0)
			return;
	if (c->n < CANDIDATES_MAX)
		c->texts[c->n++] = text;
}

static size_t first_row(const char *key)
{
	size_t low = 0, high = n_cause_rows;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(cause_rows[mid].key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_row_of(size_t i, const char *key)
{
	return i < n_cause_rows && strcmp(cause_rows[i].key, key) == 0;
}

static void collect(struct candidates *c, const char *key, const struct drop_facts *f, bool sure_of_key)
{
	for (size_t i = first_row(key); is_row_of(i, key); i++) {
		enum judgement j = judge(&cause_rows[i], f, sure_of_key);

		if (j == CERTAIN && !c->certain)
			c->certain = cause_rows[i].text;
		if (j != EXCLUDED)
			add(c, cause_rows[i].text);
	}
}

static bool place_is(const struct place_row *row, const struct drop_facts *f, unsigned on)
{
	return row->on & on && symbol_is(f->symbol, row->symbol) &&
	       (!row->after || (f->after && strncmp(f->after, row->after, strlen(row->after)) == 0));
}

static bool same_place(const struct place_row *a, const struct place_row *b)
{
	return a->after == b->after && strcmp(a->symbol, b->symbol) == 0;
}

/* The rows of the place. False: the place tells nothing. */
static bool collect_by_place(struct candidates *c, const struct drop_facts *f, unsigned on)
{
	size_t i = 0, end;

	while (i < n_place_rows && !place_is(&place_rows[i], f, on))
		i++;
	if (i == n_place_rows)
		return false;
	for (end = i + 1; end < n_place_rows && same_place(&place_rows[i], &place_rows[end]);)
		end++;
	for (size_t k = i; k < end; k++)
		collect(c, place_rows[k].key, f, end == i + 1);
	return true;
}

/* Text that grows up to DROP_CAUSE_MAX. */
struct text {
	char *data;
	size_t len;
};

static void put(struct text *t, const char *data, size_t len)
{
	if (len > DROP_CAUSE_MAX - 1 - t->len)
		len = DROP_CAUSE_MAX - 1 - t->len;
	memcpy(t->data + t->len, data, len);
	t->data[t->len += len] = '\0';
}

static void put_str(struct text *t, const char *s)
{
	put(t, s, strlen(s));
}

static void put_u64(struct text *t, uint64_t v)
{
	char digits[20];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + v % 10);
	while (v /= 10);
	put(t, digits + n, sizeof(digits) - n);
}

/* A device; within the name of a sysctl a dot of its name is a slash (sysctl.d(5)). */
static void put_device(struct text *t, const char *ifname, bool in_sysctl)
{
	size_t from = t->len;

	put_str(t, ifname);
	for (size_t i = from; in_sysctl && i < t->len; i++)
		if (t->data[i] == '.')
			t->data[i] = '/';
}

static void put_addr(struct text *t, const struct tuple *tuple, const uint8_t *addr)
{
	char text[ADDR_TEXT_SIZE];
	size_t len = addr_format(tuple->family, addr, text);

	put(t, text, len);
}

/* Puts what the word in capitals stands for; false if that is not known, or it stands for itself. */
static bool put_known(struct text *t, const char *word, size_t len, bool in_sysctl, const struct drop_facts *f)
{
	bool has_addrs = f->tuple && f->tuple->family, has_ct = f->facts.known & FACT_BIT(FACT_CT_FULL);

	if (len == 3 && memcmp(word, "DEV", 3) == 0 && f->ifname && f->ifname[0])
		put_device(t, f->ifname, in_sysctl);
	else if (len == 3 && memcmp(word, "SRC", 3) == 0 && has_addrs)
		put_addr(t, f->tuple, f->tuple->src);
	else if (len == 3 && memcmp(word, "DST", 3) == 0 && has_addrs)
		put_addr(t, f->tuple, f->tuple->dst);
	else if (len == 5 && memcmp(word, "COUNT", 5) == 0 && has_ct)
		put_u64(t, f->facts.ct_count);
	else if (len == 3 && memcmp(word, "MAX", 3) == 0 && has_ct)
		put_u64(t, f->facts.ct_max);
	else
		return false;
	return true;
}

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static void put_cause(struct text *t, const char *cause, const struct drop_facts *f)
{
	for (const char *at = cause; *at;) {
		size_t word = strspn(at, CAPITALS), rest = strcspn(at + word, CAPITALS);
		bool in_sysctl = at > cause && at[-1] == '.';

		if (!word || !put_known(t, at, word, in_sysctl, f))
			put(t, at, word);
		put(t, at + word, rest);
		at += word + rest;
	}
}

static void put_candidates(struct text *t, const struct candidates *c, const struct drop_facts *f)
{
	if (c->n > 1)
		put_str(t, "one of: ");
	for (size_t i = 0; i < c->n; i++) {
		if (i)
			put_str(t, "; or ");
		put_cause(t, c->texts[i], f);
	}
}

static void collect_all(struct candidates *c, const struct drop_facts *f)
{
	bool unspecified = f->reason && strcmp(f->reason, "NOT_SPECIFIED") == 0;

	if ((!f->reason || unspecified) && f->symbol &&
	    collect_by_place(c, f, unspecified ? PLACE_UNSPECIFIED : PLACE_BARE))
		return;
	if (f->reason)
		collect(c, f->reason, f, true);
}

bool drop_cause(const struct drop_facts *facts, char ret[static DROP_CAUSE_MAX])
{
	struct text t = {.data = ret};
	struct candidates c = {0};
	struct drop_facts known = *facts, *f = &known;

	if (facts->lost) {
		snprintf(ret, DROP_CAUSE_MAX, "%s", facts->lost);
		return true;
	}
	ret[0] = '\0';
	facts_set(&f->facts, FACT_REASONS, f->reason != NULL);
	collect_all(&c, f);
	if (c.certain)
		put_cause(&t, c.certain, f);
	else
		put_candidates(&t, &c, f);
	return t.len > 0;
}

static bool is_reason(size_t i)
{
	return i < n_cause_rows && cause_rows[i].key[0] >= 'A' && cause_rows[i].key[0] <= 'Z';
}

const char *drop_reason_at(size_t n)
{
	for (size_t i = 0; is_reason(i); i++)
		if ((i == 0 || strcmp(cause_rows[i - 1].key, cause_rows[i].key) != 0) && n-- == 0)
			return cause_rows[i].key;
	return NULL;
}

static bool stands_alone(size_t i)
{
	return (i == 0 || !same_place(&place_rows[i - 1], &place_rows[i])) &&
	       (i + 1 == n_place_rows || !same_place(&place_rows[i], &place_rows[i + 1]));
}

const char *drop_func_at(const char *reason, size_t n)
{
	for (size_t i = 0; i < n_place_rows; i++)
		if (!place_rows[i].after && strcmp(place_rows[i].key, reason) == 0 && stands_alone(i) && n-- == 0)
			return place_rows[i].symbol;
	return NULL;
}
