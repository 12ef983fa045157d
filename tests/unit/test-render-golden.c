/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Golden cases: one table of events, rendered in every way and held against tests/golden/.
 */
#include <criterion/criterion.h>

#include <netinet/in.h>

#include "event/parts.h"
#include "golden-events.h"
#include "golden.h"
#include "render/event/event_json.h"
#include "render/event/event_text.h"
#include "render/event/lost_events.h"

static struct event_parts udp_parts = {
	.has = PART_BIT(ST_PART_CALLER) | PART_BIT(ST_PART_STACK) | PART_BIT(ST_PART_LINK) | PART_BIT(ST_PART_CB) |
	       PART_BIT(ST_PART_TUNNEL) | PART_BIT(ST_PART_CT) | PART_BIT(ST_PART_ROUTE) | PART_BIT(ST_PART_SKB) |
	       PART_BIT(ST_PART_NETFILTER),
	.netfilter = {.verdict = 0x10000, .hook = 3, .pf = 2, .table = "filter", .chain = "out put"},
	.caller = {0xffffffff81000040, "ip_output", NULL, 0x40},
	.n_frames = 3,
	.frames = {{0xffffffff81000105, "veth_xmit", "veth", 5},
		   {0xffffffff81000040, "ip_output", NULL, 0x40},
		   {0x1234}},
	.link = {.mac_dst = {2, 0, 0, 0, 0, 1},
		 .mac_src = {2, 0, 0, 0, 0, 0xfe},
		 .type_be = 8,
		 .tag_tci = {0x6064, 200},
		 .tag_proto_be = {0xa888, 0x81},
		 .n_tags = 2,
		 .accel = 1,
		 .has_mac = 1},
	.cb = {84, [4] = 1, [47] = 0xff},
	.inner = {.tuple = {V4(7, 8), .has_l4 = true, .l4 = IPPROTO_ICMP},
		  .kind = ST_TUNNEL_VXLAN,
		  .has_vni = true,
		  .vni = 42},
	.ct = {.orig = {.src = {10, 0, 0, 1},
			.sport_be = 0x5000,
			.l3num = 2,
			.dst = {10, 0, 0, 9},
			.dport_be = 0x3500,
			.protonum = IPPROTO_UDP},
	       .reply = {.src = {10, 0, 0, 2},
			 .sport_be = 0x3500,
			 .l3num = 2,
			 .dst = {10, 0, 0, 1},
			 .dport_be = 0x5000,
			 .protonum = IPPROTO_UDP,
			 .dir = 1},
	       .status = 0x12a,
	       .mark = 5,
	       .info = 3,
	       .zone = 1},
	.route = {.gateway = {10, 0, 0, 254},
		  .netns = 4026531840,
		  .ifindex = 2,
		  .ifname = "eth 0",
		  .family = 2,
		  .type = 1,
		  .gateway_family = 2},
	.skb_text = "(struct sk_buff){\n  .len = (unsigned int)84,\n  .x = \033[2J\n}",
};
static struct event_parts no_parts;
static struct event_parts few_parts = {
	.has = PART_BIT(ST_PART_CALLER) | PART_BIT(ST_PART_LINK) | PART_BIT(ST_PART_CT) | PART_BIT(ST_PART_ROUTE) |
	       PART_BIT(ST_PART_NETFILTER),
	.netfilter = {.verdict = 77, .hook = 9, .pf = 200},
	.caller = {0x1234},
	.link = {.n_tags = 1, .tag_tci = {7}},
	.ct = {.info = 99, .orig = {.l3num = 10, .protonum = IPPROTO_ICMPV6, .dport_be = 0x80}},
	.route = {.ifname = "lo", .ifindex = 1, .type = 77, .error = -113},
};

/* What an event carries only when it is asked for. */
static const struct event asked_events[] = {
	{.seq = 1,
	 .func = "veth_xmit",
	 .parts = &udp_parts,
	 .tuple = {V4(1, 2), .has_l4 = true, .l4 = IPPROTO_TCP, .has_tcp = true, .tcp_flags = 0xff}},
	{.seq = 2,
	 .func = "ip_rcv",
	 .parts = &no_parts,
	 .tuple = {V4(1, 2), .has_l4 = true, .l4 = IPPROTO_TCP, .has_tcp = true}},
	{.seq = 3,
	 .func = "kfree_skb",
	 .parts = &few_parts,
	 .has_location = true,
	 .drop_symbol = "ip_defrag",
	 .drop_via = "nf_hook_slow",
	 .copy_delivered = true},
};

static const struct lost_events ledgers[] = {
	{.events = 1602,
	 .provable = true,
	 .selected = 1360,
	 .attached = 1360,
	 .backend = "kprobe.multi",
	 .duration_ns = 12345678901},
	{.events = 1, .provable = true, .selected = 1, .attached = 1, .backend = "kprobe", .duration_ns = 999999},
	{.events = 20,
	 .lost_ring = 3,
	 .lost_recursion = 11,
	 .provable = true,
	 .selected = 1360,
	 .attached = 1356,
	 .failed = 4,
	 .backend = "kprobe.multi",
	 .duration_ns = 1000000000},
	{.events = 20,
	 .lost_kprobe = 1,
	 .lost_map = UINT64_MAX,
	 .selected = 1360,
	 .attached = 1356,
	 .failed = 4,
	 .backend = "kprobe",
	 .unprovable_why = "it does not count skipped probes before 6.12"},
	{.selected = 9},
};

static void render(struct text_format *f, struct out *o)
{
	event_text_header(f, o);
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		event_text(f, &events[i], o);
}

Test(golden, text)
{
	_cleanup_out_ struct out o = {0};
	struct text_format f = {0};

	columns_default(false, &f.columns);
	render(&f, &o);
	golden("event.txt", &o);
}

Test(golden, text_in_colour)
{
	_cleanup_out_ struct out o = {0};
	struct text_format f = {.color = true};

	columns_default(false, &f.columns);
	render(&f, &o);
	golden("event-color.txt", &o);
}

Test(golden, text_with_time)
{
	_cleanup_out_ struct out o = {0};

	for (int mode = 0; mode < TIMESTAMP_MODE_MAX; mode++) {
		struct text_format f = {
			.timestamp = {.mode = (enum timestamp_mode)mode, .wall_offset_ns = 1700000000123456789},
		};

		cr_assert_eq(columns_parse("timestamp,pkt,func", &f.columns, NULL), 0);
		render(&f, &o);
	}
	golden("event-time.txt", &o);
}

Test(golden, text_of_every_column)
{
	_cleanup_out_ struct out o = {0};
	struct text_format f = {0};

	for (int id = 0; id < FIELD_MAX; id++)
		if (fields[id].column)
			f.columns.ids[f.columns.count++] = (enum field_id)id;
	render(&f, &o);
	golden("event-columns.txt", &o);
}

Test(golden, json)
{
	_cleanup_out_ struct out o = {0};

	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		event_json(&events[i], &(int64_t){1780000000000000000}, &o);
	golden("event.jsonl", &o);
}

Test(golden, what_was_asked_for)
{
	_cleanup_out_ struct out o = {0};
	struct text_format f = {.blocks = PART_BIT(ST_PART_STACK) | PART_BIT(ST_PART_SKB) | PART_BIT(ST_PART_SHINFO)};

	for (int id = FIELD_CALLER; id < FIELD_MAX; id++)
		if (fields[id].column)
			f.columns.ids[f.columns.count++] = (enum field_id)id;
	f.columns.ids[f.columns.count++] = FIELD_FUNC;
	event_text_header(&f, &o);
	for (size_t i = 0; i < ARRAY_SIZE(asked_events); i++)
		event_text(&f, &asked_events[i], &o);
	for (size_t i = 0; i < ARRAY_SIZE(asked_events); i++)
		event_json(&asked_events[i], NULL, &o);
	golden("event-parts.txt", &o);
}

Test(golden, ledger)
{
	_cleanup_out_ struct out text = {0}, json = {0};

	for (size_t i = 0; i < ARRAY_SIZE(ledgers); i++) {
		lost_events_text(&ledgers[i], &text);
		lost_events_json(&ledgers[i], &json);
	}
	golden("ledger.txt", &text);
	golden("ledger.jsonl", &json);
}

Test(golden, columns_help)
{
	_cleanup_out_ struct out o = {0};

	columns_help(&o);
	golden("columns-help.txt", &o);
}
