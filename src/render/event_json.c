/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event_json.h"

#include "render/fields.h"

/* What only parts hold stands at the end of the table: without parts, as nearly always, the line ends in the same
 * bytes. They are put together once. */
struct tail {
	int from; /* first field of it; 0: not made yet */
	struct out text;
};

static void write_field(struct json *j, int id, const struct event *ev)
{
	if (!fields[id].key)
		return;
	json_key(j, fields[id].key);
	if (fields[id].parts && !ev->parts)
		json_null(j);
	else
		field_json((enum field_id)id, ev, j);
}

static void make_tail(struct tail *t)
{
	struct json j = {.out = &t->text, .comma = true};
	const struct event none = {0};
	int from = FIELD_MAX;

	while (from > 0 && (!fields[from - 1].key || fields[from - 1].parts))
		from--;
	for (int id = from; id < FIELD_MAX; id++)
		write_field(&j, id, &none);
	json_object_end(&j);
	json_line_end(&j);
	t->from = t->text.failed ? 0 : from;
}

void event_json(const struct event *ev, struct out *o)
{
	static struct tail tail;
	struct json j = json_init(o);
	int end;

	if (!tail.from)
		make_tail(&tail);
	end = tail.from && !ev->parts ? tail.from : FIELD_MAX;
	json_object(&j);
	json_field_str(&j, "type", "event");
	json_field_u64(&j, "v", JSON_VERSION);
	for (int id = 0; id < end; id++)
		write_field(&j, id, ev);
	if (end < FIELD_MAX) {
		out_mem(o, tail.text.buf.data, tail.text.buf.len);
		return;
	}
	json_object_end(&j);
	json_line_end(&j);
}
