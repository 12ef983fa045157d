/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/list/programs.h"

#include "render/out/escape.h"

#define LABEL_WIDTH 10 /* as in the lines of the legs */

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

void program_text(const struct program_choice *c, const char *how, struct out *o)
{
	if (!c->n || !c->ifname)
		return;
	out_str(o, ", ");
	out_str(o, how);
	if (c->program) {
		out_char(o, ' ');
		put_name(c->program->name, o);
		out_str(o, " (id ");
		out_u64(o, c->program->id);
		out_str(o, ", ");
		out_str(o, c->program->attach);
	} else if (c->n > 1) {
		out_str(o, " one of ");
		out_u64(o, c->n);
		out_str(o, " programs and filters");
	} else {
		out_str(o, " a tc filter");
	}
	out_str(o, " on ");
	out_escaped_word(o, c->ifname);
	if (c->program)
		out_char(o, ')');
}

/* The chain of tail calls to s, from the attached program on. A caller's index is smaller, so the recursion ends. */
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

static void put_all(const struct program_walk *w, struct out *o)
{
	put_step(&w->v[0], o);
	if (w->n > 1) {
		out_str(o, " and the ");
		out_u64(o, w->n - 1);
		out_str(o, " it may tail-call");
	}
	out_str(o, ": ");
}

static void put_unread(const struct program_walk *w, struct out *o)
{
	if (unread(w) || w->cut)
		out_str(o, ", but not all could be read");
}

/* Says so if not all code could be read. helper: its name, NULL: any. */
static void put_nothing_found(const struct program_walk *w, const char *helper, struct out *o)
{
	if (unread(w) == w->n) {
		put_step(&w->v[0], o);
		out_str(o, ": unknown, the kernel hides its code (kernel.kptr_restrict)");
		return;
	}
	put_all(w, o);
	out_str(o, "no ");
	out_str(o, helper ? helper : "redirect helper");
	out_str(o, " found");
	put_unread(w, o);
}

/* Nobody saw which one did. */
static void put_count(const struct program_walk *w, const struct program_candidates *c, const char *helper,
		      struct out *o)
{
	if (!c->complete)
		out_str(o, "at least ");
	out_u64(o, c->n);
	out_str(o, c->n == 1 ? " program reachable from " : " programs reachable from ");
	put_step(&w->v[0], o);
	out_str(o, c->n == 1 ? " calls " : " call ");
	out_str(o, helper ? helper : "a redirect helper");
	put_unread(w, o);
}

static struct program_candidates candidates(const struct program_walk *w, const struct direction_result *l)
{
	return program_walk_candidates(w, l->has_helper ? 1u << l->helper : UINT32_MAX);
}

void program_static_text(const struct direction_program *p, const struct direction_result *l, struct out *o)
{
	const char *helper = l->has_helper ? helper_name(l->helper) : NULL;
	struct program_candidates c;
	size_t start = o->buf.len;

	if (!p->walk || p->walk->n == 0)
		return;
	c = candidates(p->walk, l);
	out_str(o, "static:");
	out_pad(o, start, LABEL_WIDTH);
	if (c.only) {
		put_chain(p->walk, c.only, o);
		put_helpers(c.only->helpers, o);
	} else if (c.n) {
		put_count(p->walk, &c, helper, o);
	} else {
		put_nothing_found(p->walk, helper, o);
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

void program_json_field(const struct program_choice *c, struct json *j)
{
	const struct endpoint_program *p = c ? c->program : NULL;

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

static void json_candidates(const struct program_candidates *c, struct json *j)
{
	json_field_object(j, "candidates");
	json_field_u64(j, "programs", c->n);
	json_field_bool(j, "complete", c->complete);
	if (c->only) {
		json_field_object(j, "only");
		json_field_str(j, "name", c->only->name);
		json_field_u64(j, "id", c->only->id);
		json_object_end(j);
	} else {
		json_field_null(j, "only");
	}
	json_object_end(j);
}

void program_json_fields(const struct direction_program *p, const struct direction_result *l, struct json *j)
{
	bool known = p && p->walk && p->walk->n;
	struct program_candidates c = {0};

	program_json_field(p ? &p->helper : NULL, j);
	json_field_array(j, "static");
	for (size_t i = 0; known && i < p->walk->n; i++) {
		const struct program_step *s = &p->walk->v[i];

		json_object(j);
		json_field_str(j, "name", s->name);
		json_field_u64(j, "id", s->id);
		json_field_str(j, "via", s->caller == PROGRAM_ATTACHED ? "attached" : "tail call");
		json_helpers(s, j);
		json_object_end(j);
	}
	json_array_end(j);
	if (!known) {
		json_field_null(j, "candidates");
		return;
	}
	c = candidates(p->walk, l);
	json_candidates(&c, j);
}
