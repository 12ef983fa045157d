/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/list/explain.h"

#include <string.h>

#include "render/event/event_json.h"
#include "render/out/json.h"

#define INDENT	2u
#define COLUMNS 80u

/* Breaks lines at blanks; a word that is longer than a line gets its own. */
static void wrapped(struct out *o, const char *text)
{
	unsigned column = 0;

	while (*text) {
		unsigned len = strcspn(text, " ");

		if (column && column + 1 + len > COLUMNS) {
			out_char(o, '\n');
			column = 0;
		}
		for (unsigned i = column ? INDENT - 1 : 0; i < INDENT; i++)
			out_char(o, ' ');
		column += (column ? 1 : INDENT) + len;
		out_mem(o, text, len);
		text += len;
		text += strspn(text, " ");
	}
	out_char(o, '\n');
}

void explanation_text(struct out *o, const struct explanation *e)
{
	if (o->buf.len)
		out_char(o, '\n');
	out_str(o, e->name);
	if (e->verdict) {
		out_str(o, ": a check's reason for ");
		out_str(o, e->verdict);
	} else if (strcmp(e->kind, "check") == 0) {
		out_str(o, ": a check's reason for no verdict");
	} else {
		out_str(o, ": a packet was dropped");
	}
	out_char(o, '\n');
	wrapped(o, e->text);
	if (!e->n_funcs)
		return;
	out_str(o, "  Before 5.17 no reason is given; it is what a drop here means:\n ");
	for (unsigned i = 0; i < e->n_funcs; i++) {
		out_char(o, ' ');
		out_str(o, e->funcs[i]);
	}
	out_char(o, '\n');
}

void explanation_json(struct out *o, const struct explanation *e)
{
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "explanation");
	json_field_u64(&j, "v", JSON_VERSION);
	json_field_str(&j, "name", e->name);
	json_field_str(&j, "kind", e->kind);
	json_field_str(&j, "verdict", e->verdict);
	json_field_str(&j, "text", e->text);
	json_key(&j, "places");
	json_array(&j);
	for (unsigned i = 0; i < e->n_funcs; i++)
		json_str(&j, e->funcs[i]);
	json_array_end(&j);
	json_object_end(&j);
	json_line_end(&j);
}
