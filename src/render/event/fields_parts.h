/* SPDX-License-Identifier: GPL-2.0-only */
/* The values of fields that events have only if an option asked for them (event/parts.h). Only fields.c calls these
 * functions, for events that have the part. */
#pragma once

#include "event/parts.h"
#include "render/out/json.h"

void fields_caller_json(struct json *j, const struct event *ev);
void fields_caller_text(struct out *o, const struct event *ev);
void fields_stack_json(struct json *j, const struct event *ev);
void fields_tcp_flags_text(struct out *o, const struct event *ev);
void fields_mac_json(struct json *j, const struct event *ev);
void fields_mac_text(struct out *o, const struct event *ev);
void fields_vlan_json(struct json *j, const struct event *ev);
void fields_vlan_text(struct out *o, const struct event *ev);
void fields_tunnel_json(struct json *j, const struct event *ev);
void fields_tunnel_text(struct out *o, const struct event *ev);
void fields_values_json(struct json *j, const struct event *ev);
void fields_values_text(struct out *o, const struct event *ev);
void fields_cb_json(struct json *j, const struct event *ev);
void fields_cb_text(struct out *o, const struct event *ev);
void fields_ct_json(struct json *j, const struct event *ev);
void fields_ct_text(struct out *o, const struct event *ev);
void fields_route_json(struct json *j, const struct event *ev);
void fields_route_text(struct out *o, const struct event *ev);
void fields_netfilter_json(struct json *j, const struct event *ev);
void fields_netfilter_text(struct out *o, const struct event *ev);
void fields_skb_dump_json(struct json *j, const struct event *ev);
void fields_shinfo_dump_json(struct json *j, const struct event *ev);

/* The blocks below an event's line: the stack, then the structures. blocks: PART_BIT()s of those to show. */
void fields_parts_text(uint32_t blocks, const struct event *ev, struct out *o);
