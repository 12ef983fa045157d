/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/fields_parts.h"

#include <arpa/inet.h>

#include "base/cleanup.h"
#include "event/tuple.h"
#include "render/out/escape.h"
#include "render/event/tuple_json.h"

static void frame_text(struct out *o, const struct event_frame *f)
{
	out_code_addr(o, f->symbol, f->offset, f->addr);
	if (f->module) {
		out_str(o, " [");
		out_escaped_word(o, f->module);
		out_char(o, ']');
	}
}

void fields_caller_json(struct json *j, const struct event *ev)
{
	if (ev->parts->caller.symbol)
		json_str(j, ev->parts->caller.symbol);
	else
		json_hex(j, ev->parts->caller.addr);
}

void fields_caller_text(struct out *o, const struct event *ev)
{
	out_func(o, ev->parts->caller.symbol, ev->parts->caller.addr);
}

/* "SYMBOL+0xOFFSET", escaped for JSON and not for terminals. */
static void frame_json(struct json *j, const struct event_frame *f)
{
	_cleanup_out_ struct out text = {0};

	if (!f->symbol) {
		json_hex(j, f->addr);
		return;
	}
	out_str(&text, f->symbol);
	out_char(&text, '+');
	out_hex(&text, f->offset);
	json_str_mem(j, text.buf.data, text.buf.len);
	j->out->failed |= text.failed;
}

void fields_stack_json(struct json *j, const struct event *ev)
{
	json_array(j);
	for (unsigned i = 0; i < ev->parts->n_frames; i++)
		frame_json(j, &ev->parts->frames[i]);
	json_array_end(j);
}

void fields_tcp_flags_text(struct out *o, const struct event *ev)
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"}; /* RFC 9293 */
	bool more = false;

	for (unsigned i = 0; ev->tuple.has_tcp && i < ARRAY_SIZE(names); i++) {
		if (!(ev->tuple.tcp_flags & 1u << i))
			continue;
		if (more)
			out_char(o, '|');
		out_str(o, names[i]);
		more = true;
	}
	if (!more)
		out_char(o, '-');
}

static void mac_word(struct out *o, const uint8_t *mac)
{
	for (unsigned i = 0; i < 6; i++) {
		if (i)
			out_char(o, ':');
		out_hex_digits(o, mac[i], 2);
	}
}

static void mac_field(struct json *j, const char *key, const uint8_t *mac)
{
	json_key(j, key);
	json_str_begin(j);
	mac_word(j->out, mac);
	json_str_end(j);
}

void fields_mac_json(struct json *j, const struct event *ev)
{
	if (!ev->parts->link.has_mac) {
		json_null(j);
		return;
	}
	json_object(j);
	mac_field(j, "src", ev->parts->link.mac_src);
	mac_field(j, "dst", ev->parts->link.mac_dst);
	json_field_u64(j, "type", ntohs(ev->parts->link.type_be));
	json_object_end(j);
}

void fields_mac_text(struct out *o, const struct event *ev)
{
	if (!ev->parts->link.has_mac) {
		out_char(o, '-');
		return;
	}
	mac_word(o, ev->parts->link.mac_src);
	out_str(o, "->");
	mac_word(o, ev->parts->link.mac_dst);
}

void fields_vlan_json(struct json *j, const struct event *ev)
{
	json_array(j);
	for (unsigned i = event_first_tag(ev); i < ev->parts->link.n_tags; i++) {
		uint16_t tci = ev->parts->link.tag_tci[i];

		json_object(j);
		json_field_u64(j, "id", tci & 0xfff);
		json_field_u64(j, "priority", tci >> 13);
		json_field_u64(j, "proto", ntohs(ev->parts->link.tag_proto_be[i]));
		json_field_bool(j, "in_frame", i > 0 || !ev->parts->link.accel);
		json_object_end(j);
	}
	json_array_end(j);
}

void fields_vlan_text(struct out *o, const struct event *ev)
{
	unsigned first = event_first_tag(ev);

	if (!ev->parts->link.n_tags) {
		out_char(o, '-');
		return;
	}
	for (unsigned i = first; i < ev->parts->link.n_tags; i++) {
		if (i > first)
			out_char(o, '.');
		out_u64(o, ev->parts->link.tag_tci[i] & 0xfff);
	}
}

static void tuple_word(struct out *o, const struct tuple *t)
{
	char text[TUPLE_TEXT_SIZE];

	out_mem(o, text, tuple_format(t, 0, text));
}

void fields_tunnel_json(struct json *j, const struct event *ev)
{
	const struct event_inner *in = &ev->parts->inner;

	json_object(j);
	json_field_str(j, "kind", in->kind ? event_tunnel_name(in->kind) : NULL);
	json_field_opt_u64(j, "vni", in->has_vni, in->vni);
	json_key(j, "tuple");
	tuple_object(j, &in->tuple);
	json_object_end(j);
}

/* vxlan/42:TUPLE */
void fields_tunnel_text(struct out *o, const struct event *ev)
{
	const struct event_inner *in = &ev->parts->inner;

	out_str(o, event_tunnel_name(in->kind));
	if (in->has_vni) {
		out_char(o, '/');
		out_u64(o, in->vni);
	}
	out_char(o, ':');
	tuple_word(o, &in->tuple);
}

#define CB_WORDS (ST_CB_BYTES / 4)

static uint32_t cb_word(const struct event *ev, unsigned i)
{
	uint32_t v;

	memcpy(&v, ev->parts->cb + 4 * i, sizeof(v));
	return v;
}

void fields_cb_json(struct json *j, const struct event *ev)
{
	json_array(j);
	for (unsigned i = 0; i < CB_WORDS; i++)
		json_u64(j, cb_word(ev, i));
	json_array_end(j);
}

void fields_cb_text(struct out *o, const struct event *ev)
{
	for (unsigned i = 0; i < CB_WORDS; i++) {
		if (i)
			out_char(o, ',');
		out_hex(o, cb_word(ev, i));
	}
}

static void value_json(struct json *j, const struct event_value *v)
{
	if (!v->has_value)
		json_null(j);
	else if (v->is_pointer)
		json_hex(j, v->value);
	else if (v->is_signed)
		json_i64(j, (int64_t)v->value);
	else
		json_u64(j, v->value);
}

void fields_values_json(struct json *j, const struct event *ev)
{
	json_object(j);
	for (unsigned i = 0; i < ev->parts->n_values; i++) {
		json_key_text(j, ev->parts->values[i].text ? ev->parts->values[i].text : "");
		value_json(j, &ev->parts->values[i]);
	}
	json_object_end(j);
}

void fields_values_text(struct out *o, const struct event *ev)
{
	for (unsigned i = 0; i < ev->parts->n_values; i++) {
		const struct event_value *v = &ev->parts->values[i];

		if (i)
			out_char(o, ' ');
		out_escaped_word(o, v->text ? v->text : "");
		out_char(o, '=');
		if (!v->has_value)
			out_char(o, '?');
		else if (v->is_pointer)
			out_hex(o, v->value);
		else if (v->is_signed)
			out_i64(o, (int64_t)v->value);
		else
			out_u64(o, v->value);
	}
}

void fields_skb_dump_json(struct json *j, const struct event *ev)
{
	json_str(j, ev->parts->skb_text);
}

void fields_shinfo_dump_json(struct json *j, const struct event *ev)
{
	json_str(j, ev->parts->shinfo_text);
}

#define INDENT "    "

/* Indents and escapes each line. */
static void block(struct out *o, const char *text)
{
	while (text && *text) {
		size_t len = strcspn(text, "\n");

		out_str(o, INDENT);
		out_escaped_mem(o, text, len);
		out_char(o, '\n');
		text += len + (text[len] == '\n');
	}
}

void fields_parts_text(uint32_t blocks, const struct event *ev, struct out *o)
{
	if (!ev->parts)
		return;
	for (unsigned i = 0; blocks & PART_BIT(ST_PART_STACK) && i < ev->parts->n_frames; i++) {
		out_str(o, INDENT);
		frame_text(o, &ev->parts->frames[i]);
		out_char(o, '\n');
	}
	if (blocks & PART_BIT(ST_PART_SKB))
		block(o, ev->parts->skb_text);
	if (blocks & PART_BIT(ST_PART_SHINFO))
		block(o, ev->parts->shinfo_text);
}
