/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/event_text.h"

#include "event/tuple.h"
#include "render/event/fields_parts.h"
#include "render/out/color.h"

/* Pads what was written since start to the column's width, and adds a blank. The last column is not padded. */
static void column_end(const struct text_format *f, unsigned i, size_t start, struct out *o)
{
	enum field_id id = f->columns.ids[i];

	if (i + 1 == f->columns.count)
		return;
	out_pad(o, start, columns_width(&f->columns, id, f->timestamp.mode));
	out_char(o, ' ');
}

void event_text_header(const struct text_format *f, struct out *o)
{
	for (unsigned i = 0; i < f->columns.count; i++) {
		size_t start = o->buf.len;

		out_str(o, fields[f->columns.ids[i]].column);
		column_end(f, i, start, o);
	}
	out_char(o, '\n');
}

void event_text(struct text_format *f, const struct event *ev, struct out *o)
{
	bool red = f->color && event_is_drop(ev);

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
		fields_parts_text(f->blocks, ev, o);
}

void event_text_block(const struct event *ev, struct out *o)
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
