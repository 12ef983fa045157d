/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/prog_event.h"

#include "render/out/escape.h"

static void put_name(struct out *o, const char *name, uint32_t id)
{
	if (name)
		out_escaped_word(o, name);
	out_char(o, '#');
	out_u64(o, id);
}

static void put_call(struct out *o, const struct event_prog *p)
{
	const char *helper = event_call_name(p->call);

	out_str(o, helper ? helper : "-");
	out_str(o, " (to ");
	if (p->ifname[0])
		out_escaped_word(o, p->ifname);
	out_char(o, ':');
	out_u64(o, p->ifindex);
	if (p->flags) {
		out_str(o, ", flags ");
		out_hex(o, p->flags);
	}
	out_str(o, ", by ");
	put_name(o, p->name, p->id);
	out_char(o, ')');
}

void prog_event_text(struct out *o, const struct event *ev)
{
	const struct event_prog *p = &ev->prog;
	const char *verdict = event_verdict_name(p);

	if (p->has_target) {
		put_call(o, p);
		return;
	}
	put_name(o, p->func ? ev->func : p->name, p->id);
	out_str(o, p->xdp ? " (xdp" : " (tc");
	out_str(o, p->func ? " function" : "");
	out_str(o, p->has_value ? " exit: " : " entry");
	if (verdict)
		out_str(o, verdict);
	else if (p->has_value)
		out_i64(o, (int32_t)p->value);
	out_char(o, ')');
}

void prog_event_json(struct json *j, const struct event *ev)
{
	const struct event_prog *p = &ev->prog;

	if (!p->id) {
		json_null(j);
		return;
	}
	json_object(j);
	json_field_u64(j, "id", p->id);
	json_field_str(j, "name", p->name);
	json_field_str(j, "type", p->xdp ? "xdp" : "tc");
	json_field_str(j, "at", p->has_target ? "call" : p->has_value ? "exit" : "entry");
	json_field_opt_u64(j, "function", !p->has_target, p->func);
	json_key(j, "value");
	if (p->has_value)
		json_i64(j, (int32_t)p->value);
	else
		json_null(j);
	json_field_str(j, "verdict", event_verdict_name(p));
	json_object_end(j);
}

void prog_event_call_json(struct json *j, const struct event *ev)
{
	const struct event_prog *p = &ev->prog;

	if (!p->has_target) {
		json_null(j);
		return;
	}
	json_object(j);
	json_field_str(j, "helper", event_call_name(p->call));
	json_field_u64(j, "ifindex", p->ifindex);
	json_field_str(j, "ifname", p->ifname[0] ? p->ifname : NULL);
	json_field_u64(j, "flags", p->flags);
	json_object_end(j);
}
