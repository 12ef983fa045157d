/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/path/shapes.h"

#include "render/out/xml.h"

unsigned shape_chars(const struct out *t)
{
	return (unsigned)out_columns(t->buf.data, t->buf.len);
}

void shape_cut(struct out *t, unsigned max)
{
	unsigned n = 0;

	if (shape_chars(t) <= max)
		return;
	for (size_t i = 0; i < t->buf.len; i++) {
		if (((unsigned char)t->buf.data[i] & 0xc0) != 0x80 && ++n == max) {
			t->buf.len = i;
			break;
		}
	}
	out_str(t, "…");
}

void shape_attr(struct out *o, const char *name, uint64_t v)
{
	out_char(o, ' ');
	out_str(o, name);
	out_str(o, "=\"");
	out_u64(o, v);
	out_char(o, '"');
}

void shape_rect(struct out *o, const char *class, unsigned x, unsigned y, unsigned w, unsigned h, unsigned round)
{
	out_str(o, "<rect class=\"");
	out_str(o, class);
	out_char(o, '"');
	shape_attr(o, "x", x);
	shape_attr(o, "y", y);
	shape_attr(o, "width", w);
	shape_attr(o, "height", h);
	if (round)
		shape_attr(o, "rx", round);
	out_str(o, "/>\n");
}

void shape_text(struct out *o, const char *class, unsigned x, unsigned y, const struct out *text)
{
	out_str(o, "<text class=\"");
	out_str(o, class);
	out_char(o, '"');
	shape_attr(o, "x", x);
	shape_attr(o, "y", y);
	out_char(o, '>');
	out_xml_of(o, text);
	out_str(o, "</text>\n");
}

void shape_point(struct out *o, const char *command, unsigned x, unsigned y)
{
	out_str(o, command);
	out_u64(o, x);
	out_char(o, ' ');
	out_u64(o, y);
}
