/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/counters.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Moves to the next word of the line; false at its end. */
static bool next_word(const char **at, size_t *ret_len)
{
	*at += strspn(*at, " \t");
	*ret_len = strcspn(*at, " \t\n");
	return *ret_len > 0;
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

static bool word_is(const char *at, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(at, word, len) == 0;
}

/* Which word of the line it is, from 0; -ENOENT. */
static int column_of(const char *line, const char *name)
{
	size_t len;

	for (int i = 0; next_word(&line, &len); i++, line += len)
		if (word_is(line, len, name))
			return i;
	return -ENOENT;
}

static int column_value(const char *line, int column, int base, uint64_t *ret)
{
	size_t len;
	char *end;
	uint64_t v;

	for (int i = 0; next_word(&line, &len); i++, line += len) {
		if (i < column)
			continue;
		v = strtoull(line, &end, base);
		if (end != line + len)
			return -ENOENT;
		*ret = v;
		return 0;
	}
	return -ENOENT;
}

static int find_in_list(const char *text, const char *name, uint64_t *ret)
{
	for (; *text; text = next_line(text))
		if (column_of(text, name) == 0)
			return column_value(text, 1, 10, ret);
	return -ENOENT;
}

static int find_in_table(const char *text, const char *group, const char *name, uint64_t *ret)
{
	for (; *text; text = next_line(text)) {
		int column = column_of(text, group) == 0 ? column_of(text, name) : -ENOENT;

		if (column > 0)
			return column_value(next_line(text), column, 10, ret);
	}
	return -ENOENT;
}

static int add_column(const char *text, const char *name, uint64_t *ret)
{
	int column = column_of(text, name);
	uint64_t sum = 0, v;

	for (text = next_line(text); column >= 0 && *text; text = next_line(text)) {
		if (column_value(text, column, 16, &v) < 0)
			return -ENOENT;
		sum += v;
	}
	if (column < 0)
		return column;
	*ret = sum;
	return 0;
}

int net_counter_find(enum net_counter_layout layout, const char *text, const char *group, const char *name,
		     uint64_t *ret)
{
	switch (layout) {
	case NET_COUNTER_LIST:
		return find_in_list(text, name, ret);
	case NET_COUNTER_TABLE:
		return find_in_table(text, group, name, ret);
	case NET_COUNTER_COLUMNS:
		return add_column(text, name, ret);
	}
	return -ENOENT;
}
