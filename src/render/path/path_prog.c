/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/path/path_prog.h"

#include "render/event/prog_event.h"
#include "render/out/escape.h"

static void target_text(const struct event_prog *e, struct out *o)
{
	const char *helper = event_call_name(e->call);

	out_str(o, helper ? helper : "-");
	out_str(o, " to ");
	if (e->ifname[0])
		out_escaped_word(o, e->ifname);
	out_char(o, ':');
	out_u64(o, e->ifindex);
}

static void event_text(const struct path_step *s, const struct event_prog *e, struct out *o)
{
	const char *verdict = event_verdict_name(e);

	if (e->has_target) {
		target_text(e, o);
		return;
	}
	if (e->func) {
		out_func(o, s->func, s->addr);
		out_str(o, e->has_value ? "() = " : "()");
	}
	if (verdict)
		out_str(o, verdict);
	else if (e->has_value)
		out_i64(o, (int32_t)e->value);
	else if (!e->func)
		out_str(o, "entry");
}

bool path_prog_text(const struct packet *p, const struct path_run *run, size_t column, struct out *o)
{
	const struct event_prog *before = NULL;

	for (size_t i = run->first; i < run->first + run->count; i++) {
		const struct event_prog *e = packet_prog(p, &p->steps[i]);
		bool enters = e && !e->func && !e->has_value && !e->has_target;

		if (!e)
			continue;
		if (before && before->id == e->id && !enters) {
			out_str(o, ", ");
		} else {
			size_t start;

			if (before)
				out_char(o, '\n');
			start = o->buf.len;
			if (before)
				out_pad(o, start, column);
			if (e->name)
				out_escaped_word(o, e->name);
			out_char(o, '#');
			out_u64(o, e->id);
			out_str(o, ": ");
		}
		event_text(&p->steps[i], e, o);
		before = e;
	}
	return before;
}

void path_prog_json(const struct packet *p, const struct path_run *run, struct json *j)
{
	json_field_array(j, "programs");
	for (size_t i = run->first; i < run->first + run->count; i++) {
		const struct event_prog *e = packet_prog(p, &p->steps[i]);
		struct event ev = {0};

		if (!e)
			continue;
		ev.prog = *e;
		json_object(j);
		json_field_str(j, "func", p->steps[i].func);
		json_key(j, "program");
		prog_event_json(j, &ev);
		json_key(j, "call");
		prog_event_call_json(j, &ev);
		json_object_end(j);
	}
	json_array_end(j);
}
