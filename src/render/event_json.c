/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event_json.h"

#include "render/fields.h"

/* Lines begin alike, and have the same keys. What only parts hold, or events of programs, stands at the end of the
 * table: without these, as nearly always, they end in the same bytes, too. All of it is put together once. */
struct frame {
	int from; /* first field of the tail; 0: not made yet */
	struct out head, tail;
	struct json_key keys[FIELD_MAX]; /* without length: the field has none */
};

static bool is_plain(const struct event *ev)
{
	return !ev->parts && !ev->prog.id && !event_is_aside(ev);
}

static bool has_field(const struct event *ev, const struct field *f)
{
	return (!f->parts || ev->parts) && (!f->of_progs || ev->prog.id) && (!f->of_asides || event_is_aside(ev));
}

static void write_field(const struct frame *f, struct json *j, int id, const struct event *ev)
{
	if (!f->keys[id].len)
		return;
	json_key_made(j, &f->keys[id]);
	if (!has_field(ev, &fields[id]))
		json_null(j);
	else
		field_json((enum field_id)id, ev, j);
}

static void make_frame(struct frame *f)
{
	struct json head = json_init(&f->head), tail = {.out = &f->tail, .comma = true};
	const struct event none = {0};
	int from = FIELD_MAX;

	for (int id = 0; id < FIELD_MAX; id++)
		if (fields[id].key)
			json_key_make(fields[id].key, &f->keys[id]);
	json_object(&head);
	json_field_str(&head, "type", "event");
	json_field_u64(&head, "v", JSON_VERSION);
	while (from > 0 && (!fields[from - 1].key || fields[from - 1].parts || fields[from - 1].of_progs ||
			    fields[from - 1].of_asides))
		from--;
	for (int id = from; id < FIELD_MAX; id++)
		write_field(f, &tail, id, &none);
	json_object_end(&tail);
	json_line_end(&tail);
	f->from = from;
}

void event_json(const struct event *ev, struct out *o)
{
	static struct frame f;
	struct json j = {.out = o, .comma = true};
	int end;

	if (!f.from)
		make_frame(&f);
	out_append(o, &f.head);
	end = is_plain(ev) ? f.from : FIELD_MAX;
	for (int id = 0; id < end; id++)
		write_field(&f, &j, id, ev);
	if (end < FIELD_MAX) {
		out_append(o, &f.tail);
		return;
	}
	json_object_end(&j);
	json_line_end(&j);
}
