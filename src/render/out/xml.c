/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/out/xml.h"

void out_xml(struct out *o, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (s[i]) {
		case '<':
			out_str(o, "&lt;");
			break;
		case '>':
			out_str(o, "&gt;");
			break;
		case '&':
			out_str(o, "&amp;");
			break;
		case '"':
			out_str(o, "&quot;");
			break;
		case '\'':
			out_str(o, "&#39;");
			break;
		default:
			out_char(o, s[i]);
		}
	}
}

void out_xml_of(struct out *o, const struct out *text)
{
	out_xml(o, text->buf.data, text->buf.len);
	o->failed |= text->failed;
}
