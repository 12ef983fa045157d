/* SPDX-License-Identifier: GPL-2.0-only */
/* The values of fields that events carry only when they were asked for (event/parts.h). Private to this room; see
 * fields.h. */
#pragma once

#include "event/parts.h"
#include "render/json.h"

void caller_json(struct json *j, const struct event *ev);
void caller_text(struct out *o, const struct event *ev);
void stack_json(struct json *j, const struct event *ev);
void tcp_flags_text(struct out *o, const struct event *ev);
void mac_json(struct json *j, const struct event *ev);
void mac_text(struct out *o, const struct event *ev);
void vlan_json(struct json *j, const struct event *ev);
void vlan_text(struct out *o, const struct event *ev);
void tunnel_json(struct json *j, const struct event *ev);
void tunnel_text(struct out *o, const struct event *ev);
void values_json(struct json *j, const struct event *ev);
void values_text(struct out *o, const struct event *ev);
void cb_json(struct json *j, const struct event *ev);
void cb_text(struct out *o, const struct event *ev);
void ct_json(struct json *j, const struct event *ev);
void ct_text(struct out *o, const struct event *ev);
void route_json(struct json *j, const struct event *ev);
void route_text(struct out *o, const struct event *ev);
void netfilter_json(struct json *j, const struct event *ev);
void netfilter_text(struct out *o, const struct event *ev);
void skb_dump_json(struct json *j, const struct event *ev);
void shinfo_dump_json(struct json *j, const struct event *ev);

/* The object of a tuple, and its one word. */
void tuple_object(struct json *j, const struct tuple *t);

static inline bool event_has_part(const struct event *ev, enum st_part_kind kind)
{
	return ev->parts && ev->parts->has & PART_BIT(kind);
}

/* The lines below the event's: its stack, then the structures. blocks: PART_BIT()s of those wanted. */
void parts_text(uint32_t blocks, const struct event *ev, struct out *o);
