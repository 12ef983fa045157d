/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/fields.h"

#include <assert.h>

#include "event/tuple.h"
#include "render/event/fields_parts.h"
#include "render/event/map_event.h"
#include "render/event/prog_event.h"
#include "render/event/return_event.h"
#include "render/out/escape.h"
#include "render/event/tuple_json.h"

static bool get_seq(const struct event *ev, uint64_t *ret)
{
	*ret = ev->seq;
	return true;
}

static bool get_ts(const struct event *ev, uint64_t *ret)
{
	*ret = ev->ts_ns;
	return true;
}

static bool get_cpu(const struct event *ev, uint64_t *ret)
{
	*ret = ev->cpu;
	return true;
}

static bool get_pkt(const struct event *ev, uint64_t *ret)
{
	*ret = ev->pkt;
	return ev->pkt != 0;
}

static bool get_netns(const struct event *ev, uint64_t *ret)
{
	*ret = ev->netns;
	return ev->has_netns;
}

static bool get_ifindex(const struct event *ev, uint64_t *ret)
{
	*ret = ev->ifindex;
	return ev->has_dev;
}

static bool get_mark(const struct event *ev, uint64_t *ret)
{
	*ret = ev->mark;
	return true;
}

static bool get_proto(const struct event *ev, uint64_t *ret)
{
	*ret = ev->proto;
	return true;
}

static bool get_mtu(const struct event *ev, uint64_t *ret)
{
	*ret = ev->mtu;
	return ev->has_dev;
}

static bool get_len(const struct event *ev, uint64_t *ret)
{
	*ret = ev->len_bytes;
	return true;
}

static bool get_pid(const struct event *ev, uint64_t *ret)
{
	*ret = ev->pid;
	return true;
}

static void skb_json(struct json *j, const struct event *ev)
{
	json_hex(j, ev->skb);
}

static void skb_text(struct out *o, const struct event *ev)
{
	out_hex(o, ev->skb);
}

static void func_json(struct json *j, const struct event *ev)
{
	json_str(j, ev->func);
}

static void drop_text(struct out *o, const struct event *ev)
{
	out_str(o, " (drop:");
	if (ev->lost) {
		out_str(o, " freed as if it were used: ");
		out_str(o, ev->lost);
	}
	if (ev->has_reason) {
		out_char(o, ' ');
		if (ev->drop_reason_name)
			out_escaped_word(o, ev->drop_reason_name);
		else
			out_hex(o, ev->drop_reason);
	}
	if (ev->has_location) {
		out_str(o, " at ");
		out_code_addr(o, ev->drop_symbol, ev->drop_offset, ev->location);
	}
	if (ev->copy_delivered)
		out_str(o, "; a copy was delivered");
	if (ev->harmless) {
		out_str(o, "; harmless: ");
		out_str(o, ev->harmless);
	}
	if (event_frees_part(ev))
		out_str(o, "; part of a packet that is freed");
	out_char(o, ')');
}

static void func_text(struct out *o, const struct event *ev)
{
	if (ev->prog.id)
		prog_event_text(o, ev);
	else if (ev->func || ev->addr == 0)
		out_word_or_dash(o, ev->func);
	else
		out_hex(o, ev->addr);
	if (fields_has_drop(ev))
		drop_text(o, ev);
	if (ev->ret.here)
		return_event_text(o, ev);
	if (event_has_part(ev, ST_PART_MAP))
		map_event_text(o, ev);
}

static void module_json(struct json *j, const struct event *ev)
{
	json_str(j, ev->module);
}

static void module_text(struct out *o, const struct event *ev)
{
	out_word_or_dash(o, ev->module);
}

static void netns_text(struct out *o, const struct event *ev)
{
	if (ev->netns_name || !ev->has_netns)
		out_word_or_dash(o, ev->netns_name);
	else
		out_u64(o, ev->netns);
}

static void netns_name_json(struct json *j, const struct event *ev)
{
	json_str(j, ev->netns_name);
}

static void ifname_json(struct json *j, const struct event *ev)
{
	json_str(j, ev->has_dev ? ev->ifname : NULL);
}

static void iface_text(struct out *o, const struct event *ev)
{
	out_word_or_dash(o, ev->has_dev ? ev->ifname : NULL);
	if (!ev->has_dev)
		return;
	out_char(o, ':');
	out_u64(o, ev->ifindex);
}

static void mark_text(struct out *o, const struct event *ev)
{
	out_hex(o, ev->mark);
}

static void proto_text(struct out *o, const struct event *ev)
{
	out_str(o, "0x");
	out_hex_digits(o, ev->proto, 4);
}

static void comm_json(struct json *j, const struct event *ev)
{
	json_str(j, ev->comm);
}

static void comm_text(struct out *o, const struct event *ev)
{
	out_word_or_dash(o, ev->comm);
}

static void process_text(struct out *o, const struct event *ev)
{
	out_word_or_dash(o, ev->comm);
	out_char(o, ':');
	out_u64(o, ev->pid);
}

/* The tuple that was written last: a packet passes dozens of functions with the same tuple, mostly one after the other.
 */
struct tuple_memo {
	struct tuple tuple;
	uint16_t proto;
	size_t len; /* 0: the memo is empty */
	char text[320];
};

static bool memo_has(const struct tuple_memo *m, const struct event *ev)
{
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): if only padding differs, the text is written anew */
	return m->len && m->proto == ev->proto && memcmp(&m->tuple, &ev->tuple, sizeof(m->tuple)) == 0;
}

/* Keeps what was written to o since `start`. */
static void memo_keep(struct tuple_memo *m, const struct event *ev, const struct out *o, size_t start)
{
	m->len = o->failed || o->buf.len - start > sizeof(m->text) ? 0 : o->buf.len - start;
	if (!m->len)
		return;
	m->proto = ev->proto;
	memcpy(m->text, o->buf.data + start, m->len);
	memcpy(&m->tuple, &ev->tuple, sizeof(m->tuple));
}

static void tuple_json(struct json *j, const struct event *ev)
{
	static struct tuple_memo memo;
	size_t start = j->out->buf.len; /* after a key: no comma comes first */

	if (memo_has(&memo, ev)) {
		json_raw(j, memo.text, memo.len);
		return;
	}
	tuple_object(j, &ev->tuple);
	memo_keep(&memo, ev, j->out, start);
}

static void tuple_text(struct out *o, const struct event *ev)
{
	static struct tuple_memo memo;
	size_t start = o->buf.len;
	char text[TUPLE_TEXT_SIZE];

	if (memo_has(&memo, ev)) {
		out_mem(o, memo.text, memo.len);
		return;
	}
	out_mem(o, text, tuple_format(&ev->tuple, ev->proto, text));
	memo_keep(&memo, ev, o, start);
}

static void drop_json(struct json *j, const struct event *ev)
{
	if (!fields_has_drop(ev)) {
		json_null(j);
		return;
	}
	json_object(j);
	json_key(j, "reason");
	if (ev->has_reason && !ev->drop_reason_name)
		json_hex(j, ev->drop_reason);
	else
		json_str(j, ev->has_reason ? ev->drop_reason_name : NULL);
	json_field_str(j, "symbol", ev->has_location ? ev->drop_symbol : NULL);
	json_field_opt_u64(j, "offset", ev->has_location && ev->drop_symbol, ev->drop_offset);
	json_field_str(j, "via", ev->drop_via);
	json_field_bool(j, "copy_delivered", ev->copy_delivered);
	json_field_bool(j, "part", event_frees_part(ev));
	json_field_str(j, "harmless", ev->harmless);
	json_field_str(j, "lost", ev->lost);
	json_object_end(j);
}

static void without_packet_json(struct json *j, const struct event *ev)
{
	json_bool(j, ev->source == ST_SRC_CALL);
}

/* Widths fit most values; a longer value moves the rest of its line. */
const struct field fields[] = {
	[FIELD_SEQ] = {"seq", "SEQ", 8, "number of the event within the trace, from 0", get_seq},
	[FIELD_TIMESTAMP] = {"ts_ns", "TIMESTAMP", 0, "time of the event, as --timestamp says", get_ts},
	[FIELD_CPU] = {"cpu", "CPU", 3, "processor", get_cpu},
	[FIELD_PKT] = {"pkt", "PKT", 6, "number of the packet within the trace, from 1", get_pkt},
	[FIELD_SKB] = {"skb", "SKB", 18, "address of the skb", .json = skb_json, .text = skb_text},
	[FIELD_FUNC] = {"func", "FUNC", 32, "kernel function, and the drop where the packet died", .json = func_json,
			.text = func_text},
	[FIELD_MODULE] = {"module", "MODULE", 12, "module of the function, - for the kernel itself",
			  .json = module_json, .text = module_text},
	[FIELD_NETNS] = {"netns", "NETNS", 12, "network namespace: its name, else its inode number", get_netns,
			 .text = netns_text},
	[FIELD_NETNS_NAME] = {"netns_name", .json = netns_name_json},
	[FIELD_IFINDEX] = {"ifindex", .get = get_ifindex},
	[FIELD_IFNAME] = {"ifname", .json = ifname_json},
	[FIELD_IFACE] = {NULL, "IFACE", 18, "interface and its index in the namespace", .text = iface_text},
	[FIELD_MARK] = {"mark", "MARK", 10, "mark of the skb", get_mark, .text = mark_text},
	[FIELD_PROTO] = {"proto", "PROTO", 6, "EtherType", get_proto, .text = proto_text},
	[FIELD_MTU] = {"mtu", "MTU", 5, "MTU of the interface, bytes", get_mtu},
	[FIELD_LEN] = {"len", "LEN", 5, "length of the packet, bytes", get_len},
	[FIELD_PID] = {"pid", "PID", 7, "process that was running", get_pid},
	[FIELD_COMM] = {"comm", "COMM", 15, "name of that process", .json = comm_json, .text = comm_text},
	[FIELD_PROCESS] = {NULL, "PROCESS", 18, "name and number of the process that was running",
			   .text = process_text},
	[FIELD_TUPLE] = {"tuple", "TUPLE", 36, "addresses, ports and protocol", .json = tuple_json, .text = tuple_text},
	[FIELD_DROP] = {"drop", .json = drop_json},
	[FIELD_CALLER] = {"caller", "CALLER", 24, "function that called FUNC", .json = fields_caller_json,
			  .text = fields_caller_text, .parts = PART_BIT(ST_PART_CALLER)},
	[FIELD_STACK] = {"stack", .json = fields_stack_json, .parts = PART_BIT(ST_PART_STACK)},
	[FIELD_TCP_FLAGS] = {NULL, "TCPFLAGS", 11, "flags of the TCP header", .text = fields_tcp_flags_text},
	[FIELD_MAC] = {"mac", "MAC", 36, "addresses of the Ethernet header", .json = fields_mac_json,
		       .text = fields_mac_text, .parts = PART_BIT(ST_PART_LINK)},
	[FIELD_VLAN] = {"vlan", "VLAN", 4, "VLAN ids, the outer one first", .json = fields_vlan_json,
			.text = fields_vlan_text, .parts = PART_BIT(ST_PART_LINK)},
	[FIELD_TUNNEL] = {"tunnel", "TUNNEL", 44, "packet within: kind, network, tuple", .json = fields_tunnel_json,
			  .text = fields_tunnel_text, .parts = PART_BIT(ST_PART_TUNNEL)},
	[FIELD_CT] = {"conntrack", "CONNTRACK", 72, "connection: state, tuples of both directions",
		      .json = fields_ct_json, .text = fields_ct_text, .parts = PART_BIT(ST_PART_CT)},
	[FIELD_ROUTE] = {"route", "ROUTE", 32, "result of routing", .json = fields_route_json,
			 .text = fields_route_text, .parts = PART_BIT(ST_PART_ROUTE)},
	[FIELD_NETFILTER] = {"netfilter", "NETFILTER", 36, "chain that ended: hook, table, chain, verdict",
			     .json = fields_netfilter_json, .text = fields_netfilter_text,
			     .parts = PART_BIT(ST_PART_NETFILTER)},
	[FIELD_CB] = {"cb", "CB", 48, "skb->cb, as words", .json = fields_cb_json, .text = fields_cb_text,
		      .parts = PART_BIT(ST_PART_CB)},
	[FIELD_SKB_DUMP] = {"skb_dump", .json = fields_skb_dump_json, .parts = PART_BIT(ST_PART_SKB)},
	[FIELD_SHINFO_DUMP] = {"shared_info", .json = fields_shinfo_dump_json, .parts = PART_BIT(ST_PART_SHINFO)},
	[FIELD_PROGRAM] = {"program", .json = prog_event_json, .of_progs = true},
	[FIELD_CALL] = {"call", .json = prog_event_call_json, .of_progs = true},
	[FIELD_VALUES] = {"metadata", "METADATA", 24, "values of --output-skb-metadata", .json = fields_values_json,
			  .text = fields_values_text, .parts = PART_BIT(ST_PART_VALUES)},
	[FIELD_WITHOUT_PACKET] = {"without_packet", .json = without_packet_json, .of_asides = true},
	[FIELD_RETURN] = {"return", .json = return_event_json, .of_asides = true},
	[FIELD_MAP] = {"map", .json = map_event_json, .parts = PART_BIT(ST_PART_MAP)},
};
static_assert(ARRAY_SIZE(fields) == FIELD_MAX, "every field has its row");

/* Whether the event carries what the field shows. */
static bool has_field(const struct event *ev, const struct field *f)
{
	return !f->parts || (ev->parts && ev->parts->has & f->parts);
}

void field_text(enum field_id id, struct timestamp_format *ts, const struct event *ev, struct out *o)
{
	const struct field *f = &fields[id];
	uint64_t v;

	if (id == FIELD_TIMESTAMP)
		timestamp_put(ts, ev->ts_ns, o);
	else if (f->text && has_field(ev, f))
		f->text(o, ev);
	else if (f->get && f->get(ev, &v))
		out_u64(o, v);
	else
		out_char(o, '-');
}

void field_json(enum field_id id, const struct event *ev, struct json *j)
{
	const struct field *f = &fields[id];
	uint64_t v;

	if (f->json && has_field(ev, f))
		f->json(j, ev);
	else if (f->get && f->get(ev, &v))
		json_u64(j, v);
	else
		json_null(j);
}
