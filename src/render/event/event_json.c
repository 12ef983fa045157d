/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/event_json.h"

#include "render/event/fields.h"
#include "render/event/timestamp.h"

/* What most lines have in common, made once: the beginning, the keys, and the end. Fields that only parts or events of
 * programs have are at the end of the table; without these, as in nearly all events, lines end in the same bytes. */
struct line_frame {
	int from; /* first field in the tail; 0: not made yet */
	struct out head, tail;
	struct json_key keys[FIELD_MAX]; /* len 0: the field has no key */
};

static bool is_plain(const struct event *ev)
{
	return !ev->parts && !ev->prog.id && !event_is_on_behalf(ev);
}

static bool has_field(const struct event *ev, const struct field *f)
{
	return (!f->of_progs || ev->prog.id) && (!f->of_asides || event_is_on_behalf(ev));
}

static void write_field(const struct line_frame *f, struct json *j, int id, const struct event *ev)
{
	if (!f->keys[id].len)
		return;
	json_key_made(j, &f->keys[id]);
	if (!has_field(ev, &fields[id]))
		json_null(j);
	else
		field_json((enum field_id)id, ev, j);
}

static void make_frame(struct line_frame *f)
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

static void write_time(const struct event *ev, const int64_t *wall_offset_ns, struct out *o)
{
	if (!wall_offset_ns) {
		out_str(o, ",\"time\":null");
		return;
	}
	out_str(o, ",\"time\":\"");
	timestamp_put_wall(ev->ts_ns + (uint64_t)*wall_offset_ns, o);
	out_char(o, '"');
}

void event_json(const struct event *ev, const int64_t *wall_offset_ns, struct out *o)
{
	static struct line_frame f;
	struct json j = {.out = o, .comma = true};
	int end;

	if (!f.from)
		make_frame(&f);
	out_append(o, &f.head);
	write_time(ev, wall_offset_ns, o);
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
