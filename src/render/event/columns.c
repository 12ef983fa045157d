/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/columns.h"

#include <errno.h>
#include <strings.h>

#include "base/cleanup.h"

#define FUNC_SHOWN 22 /* characters of a function's name, as most need */

void columns_default(bool timestamp, struct columns *ret)
{
	static const enum field_id ids[] = {FIELD_SKB,	 FIELD_CPU, FIELD_PROCESS, FIELD_TIMESTAMP, FIELD_NETNS,
					    FIELD_IFACE, FIELD_LEN, FIELD_TUPLE,   FIELD_FUNC};

	*ret = (struct columns){0};
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (ids[i] != FIELD_TIMESTAMP || timestamp)
			ret->ids[ret->count++] = ids[i];
}

static int column_find(const char *name, size_t len, enum field_id *ret)
{
	for (int id = 0; id < FIELD_MAX; id++) {
		const char *column = fields[id].column;

		if (!column || strlen(column) != len || strncasecmp(column, name, len) != 0)
			continue;
		*ret = (enum field_id)id;
		return 0;
	}
	return -EINVAL;
}

static int column_add(struct columns *columns, const char *name, size_t len, struct reason *reason)
{
	enum field_id id;

	if (len == 0)
		return reason_set(reason, -EINVAL, "empty column name; separate names with one comma");
	if (column_find(name, len, &id) < 0)
		return reason_set(reason, -EINVAL, "unknown column '%.*s'; 'help' lists them", (int)len, name);
	for (unsigned i = 0; i < columns->count; i++)
		if (columns->ids[i] == id)
			return reason_set(reason, -EINVAL, "column %s is given twice", fields[id].column);
	columns->ids[columns->count++] = id;
	return 0;
}

int columns_parse(const char *list, struct columns *ret, struct reason *reason)
{
	struct columns columns = {0};

	for (const char *name = list;;) {
		size_t len = strcspn(name, ",");
		int r = column_add(&columns, name, len, reason);

		if (r < 0)
			return r;
		if (name[len] == '\0')
			break;
		name += len + 1;
	}
	*ret = columns;
	return 0;
}

void columns_insert(struct columns *columns, enum field_id id, enum field_id before)
{
	unsigned at = columns->count;

	for (unsigned i = 0; i < columns->count; i++) {
		if (columns->ids[i] == id)
			return;
		if (columns->ids[i] == before)
			at = i;
	}
	for (unsigned i = columns->count++; i > at; i--)
		columns->ids[i] = columns->ids[i - 1];
	columns->ids[at] = id;
}

unsigned columns_width(const struct columns *columns, enum field_id id, enum timestamp_mode mode)
{
	if (id == FIELD_TIMESTAMP)
		return timestamp_width(mode);
	if (columns->narrow && id == FIELD_NETNS)
		return 8;
	if (columns->narrow && id == FIELD_IFACE)
		return 10;
	return fields[id].width;
}

static void column_remove(struct columns *columns, enum field_id id)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < columns->count; i++) {
		if (columns->ids[i] != id)
			columns->ids[kept++] = columns->ids[i];
	}
	columns->count = kept;
}

/* Whether a line has space for all columns before the last one, and for FUNC_SHOWN of it. */
static bool does_fit(const struct columns *columns, unsigned terminal_width, enum timestamp_mode mode)
{
	unsigned width = FUNC_SHOWN;

	for (unsigned i = 0; i + 1 < columns->count; i++)
		width += columns_width(columns, columns->ids[i], mode) + 1;
	return width <= terminal_width;
}

void columns_fit(struct columns *columns, unsigned terminal_width, enum timestamp_mode mode)
{
	static const enum field_id dispensable[] = {FIELD_SKB, FIELD_CPU, FIELD_LEN, FIELD_PROCESS};

	if (!terminal_width)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(dispensable) && !does_fit(columns, terminal_width, mode); i++)
		column_remove(columns, dispensable[i]);
	columns->narrow = !does_fit(columns, terminal_width, mode);
}

void columns_help(struct out *o)
{
	for (int id = 0; id < FIELD_MAX; id++) {
		size_t start = o->buf.len;

		if (!fields[id].column)
			continue;
		out_str(o, fields[id].column);
		out_pad(o, start, 11);
		out_str(o, fields[id].key ? fields[id].key : "-");
		out_pad(o, start, 22);
		out_str(o, fields[id].help);
		out_char(o, '\n');
	}
}
