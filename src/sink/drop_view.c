/* SPDX-License-Identifier: GPL-2.0-only */
#include "sink/drop_view.h"

#include "event/tuple.h"
#include "owner/owner_json.h"
#include "path/drop_causes.h"
#include "render/event/event_json.h"
#include "render/event/tuple_json.h"
#include "render/out/escape.h"

static void place(const struct event *ev, struct out *o)
{
	if (ev->netns_name) {
		out_escaped_word(o, ev->netns_name);
	} else if (ev->has_netns) {
		out_str(o, "netns:");
		out_u64(o, ev->netns);
	} else {
		out_char(o, '?');
	}
	if (!ev->has_dev)
		return;
	out_char(o, ' ');
	out_escaped_word(o, ev->ifname);
}

static void reason(const struct event *ev, struct out *o)
{
	if (ev->prog.id)
		out_str(o, "by XDP");
	else if (ev->drop_reason_name)
		out_escaped_word(o, ev->drop_reason_name);
	else if (ev->lost)
		out_escaped(o, ev->lost);
	else
		out_str(o, "no reason given by this kernel");
	if (!ev->has_location)
		return;
	out_str(o, " at ");
	out_code_addr(o, ev->drop_symbol, ev->drop_offset, ev->location);
}

void drop_text(const struct event *ev, const struct owner_list *l, struct out *o)
{
	struct drop_facts facts = {.reason = ev->drop_reason_name,
				   .symbol = ev->drop_symbol,
				   .ifname = ev->has_dev ? ev->ifname : NULL,
				   .tuple = &ev->tuple};
	char cause[DROP_CAUSE_MAX];
	char tuple[TUPLE_TEXT_SIZE];

	out_mem(o, tuple, tuple_format(&ev->tuple, ev->proto, tuple));
	out_str(o, ", ");
	out_u64(o, ev->len_bytes);
	out_str(o, " bytes, dropped in ");
	place(ev, o);
	out_str(o, ": ");
	reason(ev, o);
	out_str(o, "\n    by: ");
	if (l && l->n)
		owner_list_text(l, o);
	else
		out_str(o, "not known");
	if (!(l && l->n) && drop_cause(&facts, cause)) {
		out_str(o, "; likely cause: ");
		out_escaped(o, cause);
	}
	out_char(o, '\n');
}

void drop_json(const struct event *ev, const struct owner_list *l, struct out *o)
{
	static const struct owner_list none;
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "why");
	json_field_u64(&j, "v", JSON_VERSION);
	json_field_u64(&j, "seq", ev->seq);
	json_field_u64(&j, "ts_ns", ev->ts_ns);
	json_field_opt_u64(&j, "pkt", ev->pkt, ev->pkt);
	json_field_opt_u64(&j, "netns", ev->has_netns, ev->netns);
	json_field_str(&j, "netns_name", ev->netns_name);
	json_field_opt_u64(&j, "ifindex", ev->has_dev, ev->ifindex);
	json_field_str(&j, "ifname", ev->has_dev ? ev->ifname : NULL);
	json_field_u64(&j, "mark", ev->mark);
	json_field_u64(&j, "len", ev->len_bytes);
	json_key(&j, "tuple");
	tuple_object(&j, &ev->tuple);
	json_field_str(&j, "reason", ev->drop_reason_name);
	json_field_str(&j, "symbol", ev->drop_symbol);
	json_field_bool(&j, "certain", l && l->n == 1 && !l->more);
	json_key(&j, "owners");
	owner_list_json(l ? l : &none, &j);
	json_object_end(&j);
	json_line_end(&j);
}
