/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/programs.h"

#include "render/escape.h"

#define LABEL_WIDTH 10 /* as the legs' own lines have it */

static void put_name(const char *name, struct out *o)
{
	if (name)
		out_escaped_word(o, name);
	else
		out_str(o, "a program without a name");
}

static void put_step(const struct program_step *s, struct out *o)
{
	put_name(s->name, o);
	out_str(o, " (id ");
	out_u64(o, s->id);
	out_char(o, ')');
}

void program_text(const struct leg_program *p, const struct leg_result *l, const char *ifname, struct out *o)
{
	if (!p->program)
		return;
	out_str(o, l->has_helper ? ", by " : ", with ");
	put_name(p->program->name, o);
	out_str(o, " (id ");
	out_u64(o, p->program->id);
	out_str(o, ", ");
	out_str(o, p->program->attach);
	out_str(o, " on ");
	out_escaped_word(o, ifname);
	out_char(o, ')');
}

/* From the attached program on. A caller always precedes whom it calls, so this ends. */
static void put_chain(const struct program_walk *w, const struct program_step *s, struct out *o)
{
	if (s->caller != PROGRAM_ATTACHED) {
		put_chain(w, &w->v[s->caller], o);
		out_str(o, " -> tail call ");
	}
	put_step(s, o);
}

static void put_helpers(uint32_t helpers, struct out *o)
{
	const char *separator = " calls ";

	for (enum st_helper h = ST_HELPER_NONE + 1; helper_name(h); h++) {
		if (!(helpers & (1u << h)))
			continue;
		out_str(o, separator);
		out_str(o, helper_name(h));
		separator = " and ";
	}
}

static size_t unread(const struct program_walk *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += !w->v[i].known;
	return n;
}

/* "None" is said only when all of it was read. */
static void put_nothing_found(const struct program_walk *w, struct out *o)
{
	put_step(&w->v[0], o);
	if (unread(w) == w->n) {
		out_str(o, ": unknown, the kernel hides its code (kernel.kptr_restrict)");
		return;
	}
	if (w->n > 1) {
		out_str(o, " and the ");
		out_u64(o, w->n - 1);
		out_str(o, " it may tail-call: ");
	} else {
		out_str(o, ": ");
	}
	out_str(o, "no redirect helper found");
	if (unread(w) || w->cut)
		out_str(o, ", but not all could be read");
}

void program_static_text(const struct leg_program *p, const struct leg_result *l, struct out *o)
{
	const struct program_step *s = NULL;
	size_t start = o->buf.len;

	if (!p->walk || p->walk->n == 0)
		return;
	out_str(o, "static:");
	out_pad(o, start, LABEL_WIDTH);
	if (l->has_helper)
		s = program_walk_find(p->walk, 1u << l->helper);
	if (!s)
		s = program_walk_find(p->walk, UINT32_MAX);
	if (s) {
		put_chain(p->walk, s, o);
		put_helpers(s->helpers, o);
	} else {
		put_nothing_found(p->walk, o);
	}
	out_char(o, '\n');
}

static void json_helpers(const struct program_step *s, struct json *j)
{
	if (!s->known) {
		json_field_null(j, "helpers");
		return;
	}
	json_field_array(j, "helpers");
	for (enum st_helper h = ST_HELPER_NONE + 1; helper_name(h); h++)
		if (s->helpers & (1u << h))
			json_str(j, helper_name(h));
	json_array_end(j);
}

static void json_program(const struct endpoint_program *p, struct json *j)
{
	if (!p) {
		json_field_null(j, "program");
		return;
	}
	json_field_object(j, "program");
	json_field_str(j, "attach", p->attach);
	json_field_str(j, "name", p->name);
	json_field_u64(j, "id", p->id);
	json_object_end(j);
}

void program_json_fields(const struct leg_program *p, struct json *j)
{
	json_program(p ? p->program : NULL, j);
	json_field_array(j, "static");
	for (size_t i = 0; p && p->walk && i < p->walk->n; i++) {
		const struct program_step *s = &p->walk->v[i];

		json_object(j);
		json_field_str(j, "name", s->name);
		json_field_u64(j, "id", s->id);
		json_field_str(j, "via", s->caller == PROGRAM_ATTACHED ? "attached" : "tail call");
		json_helpers(s, j);
		json_object_end(j);
	}
	json_array_end(j);
}
