/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/text.h"

#include "event/tuple.h"
#include "render/fields_parts.h"

/* ECMA-48, Select Graphic Rendition */
#define SGR_RED	  "\033[31m"
#define SGR_RESET "\033[0m"

/* Pads what stands since start to the column's width and parts it from the next; the last column ends the line. */
static void column_end(const struct text_format *f, unsigned i, size_t start, struct out *o)
{
	enum field_id id = f->columns.ids[i];

	if (i + 1 == f->columns.count)
		return;
	out_pad(o, start, id == FIELD_TIMESTAMP ? timestamp_width(f->timestamp.mode) : fields[id].width);
	out_char(o, ' ');
}

void text_header(const struct text_format *f, struct out *o)
{
	for (unsigned i = 0; i < f->columns.count; i++) {
		size_t start = o->buf.len;

		out_str(o, fields[f->columns.ids[i]].column);
		column_end(f, i, start, o);
	}
	out_char(o, '\n');
}

void text_event(struct text_format *f, const struct event *ev, struct out *o)
{
	bool red = f->color && event_is_drop(ev) && !event_frees_part(ev);

	if (red)
		out_str(o, SGR_RED);
	for (unsigned i = 0; i < f->columns.count; i++) {
		size_t start = o->buf.len;

		field_text(f->columns.ids[i], &f->timestamp, ev, o);
		column_end(f, i, start, o);
	}
	if (red)
		out_str(o, SGR_RESET);
	out_char(o, '\n');
	if (f->blocks)
		parts_text(f->blocks, ev, o);
}

void text_block(const struct event *ev, struct out *o)
{
	char tuple[TUPLE_TEXT_SIZE];

	if (ev) {
		out_str(o, "packet ");
		out_u64(o, ev->pkt);
		out_char(o, ' ');
		out_mem(o, tuple, tuple_format(&ev->tuple, ev->proto, tuple));
	}
	out_char(o, '\n');
}
