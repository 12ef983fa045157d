/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/map_event.h"

#include "event/parts.h"
#include "render/out/escape.h"

static void put_bytes(struct out *o, const uint8_t *bytes, size_t n, size_t size)
{
	for (size_t i = 0; i < n; i++)
		out_hex_digits(o, bytes[i], 2);
	if (n < size)
		out_str(o, "...");
}

static void put_value(struct out *o, const struct st_map_access *a)
{
	out_str(o, " = ");
	if (!a->found)
		out_str(o, "none");
	else if (a->value_bytes)
		put_bytes(o, a->value, a->value_bytes, a->value_size);
	else
		out_char(o, '?');
}

void map_event_text(struct out *o, const struct event *ev)
{
	const struct st_map_access *a = &ev->parts->map;

	out_str(o, " (");
	out_escaped_word(o, a->name);
	out_char(o, '#');
	out_u64(o, a->id);
	out_char(o, ' ');
	put_bytes(o, a->key, a->key_bytes, a->key_size);
	if (a->op != ST_MAP_DELETE)
		put_value(o, a);
	out_char(o, ')');
}

static void field_bytes(struct json *j, const char *key, bool here, const uint8_t *bytes, size_t n)
{
	json_key(j, key);
	if (!here) {
		json_null(j);
		return;
	}
	json_str_begin(j);
	for (size_t i = 0; i < n; i++)
		out_hex_digits(j->out, bytes[i], 2);
	json_str_end(j);
}

void map_event_json(struct json *j, const struct event *ev)
{
	static const char *const ops[] = {"lookup", "update", "delete"};
	const struct st_map_access *a = &ev->parts->map;

	json_object(j);
	json_field_u64(j, "id", a->id);
	json_field_str(j, "name", a->name);
	json_field_str(j, "op", ops[a->op]);
	field_bytes(j, "key", true, a->key, a->key_bytes);
	field_bytes(j, "value", a->value_bytes, a->value, a->value_bytes);
	json_key(j, "found");
	if (a->op == ST_MAP_LOOKUP)
		json_bool(j, a->found);
	else
		json_null(j);
	json_field_u64(j, "key_size", a->key_size);
	json_field_u64(j, "value_size", a->value_size);
	json_object_end(j);
}
