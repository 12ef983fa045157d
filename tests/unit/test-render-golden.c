/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Golden cases: one table of events, rendered in every way and held against tests/golden/.
 */
#include <criterion/criterion.h>

#include <netinet/in.h>

#include "event/parts.h"
#include "golden.h"
#include "render/event_json.h"
#include "render/ledger.h"
#include "render/text.h"

#define V4(s, d) .family = 4, .src = {10, 0, 0, s}, .dst = {10, 0, 0, d}
#define V6(s, d) .family = 6, .src = {0xfd, [15] = s}, .dst = {0xfd, [15] = d}

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

#define MAP_USE(...)                                                                                                   \
	{                                                                                                              \
		.has = PART_BIT(ST_PART_MAP),                                                                          \
		.map = {.id = 12,                                                                                      \
			.key_size = 4,                                                                                 \
			.key_bytes = 4,                                                                                \
			.key = {10, 0, 0, 67},                                                                         \
			__VA_ARGS__ }                                                                                  \
	}
static struct event_parts map_uses[] = {
	MAP_USE(.name = "ct", .found = 1, .value_size = 2, .value_bytes = 2, .value = {1, 0xff}),
	MAP_USE(.name = "ct", .value_size = 2),
	MAP_USE(.name = "e\033]m", .op = ST_MAP_UPDATE, .found = 1, .value_size = 65, .value_bytes = 64, .value = {7}),
	MAP_USE(.found = 1, .value_size = 8),
	MAP_USE(.name = "ct", .op = ST_MAP_DELETE, .value_size = 2),
};

static const struct event events[] = {
	/* echo request, in the pod */
	{.pkt = 1,
	 .ts_ns = 32578980753945,
	 .cpu = 1,
	 .skb = 0xffff992e59159d00,
	 .func = "ip_send_skb",
	 .len_bytes = 84,
	 .has_netns = true,
	 .netns = 4026532480,
	 .netns_name = "pod1",
	 .pid = 1234,
	 .comm = "ping",
	 .tuple = {V4(67, 133), .has_l4 = true, .l4 = IPPROTO_ICMP, .has_icmp = true, .icmp_type = 8,
		   .has_icmp_id = true, .icmp_id = 77, .icmp_seq = 1}},
	/* the same, with a device; namespace without a name */
	{.seq = 1,
	 .pkt = 1,
	 .ts_ns = 32578980754945,
	 .cpu = 1,
	 .skb = 0xffff992e59159d00,
	 .func = "veth_xmit",
	 .module = "veth",
	 .has_netns = true,
	 .netns = 4026532480,
	 .has_dev = true,
	 .ifindex = 2,
	 .ifname = "eth0",
	 .mtu = 1500,
	 .mark = 0xf00,
	 .proto = 0x0800,
	 .len_bytes = 98,
	 .pid = 1234,
	 .comm = "ping",
	 .tuple = {V4(67, 133), .has_l4 = true, .l4 = IPPROTO_ICMP, .has_icmp = true, .icmp_type = 8,
		   .has_icmp_id = true, .icmp_id = 77, .icmp_seq = 1}},
	/* v6 echo reply */
	{.seq = 2,
	 .pkt = 2,
	 .ts_ns = 32578980800000,
	 .skb = 0xffff992e59159e00,
	 .func = "icmpv6_rcv",
	 .has_netns = true,
	 .netns = 4026531840,
	 .has_dev = true,
	 .ifindex = 20,
	 .ifname = "lxc0123456789ab",
	 .mtu = 1500,
	 .proto = 0x86dd,
	 .len_bytes = 104,
	 .comm = "swapper/0",
	 .tuple = {V6(1, 2), .has_l4 = true, .l4 = IPPROTO_ICMPV6, .has_icmp = true, .icmp_type = 129,
		   .has_icmp_id = true, .icmp_id = 65535, .icmp_seq = 65535}},
	/* TCP with flags, long values that widen their columns */
	{.seq = 3,
	 .pkt = 3,
	 .ts_ns = 32579980800000,
	 .cpu = 127,
	 .skb = 0xffff992e59159f00,
	 .func = "tcp_v4_rcv",
	 .has_netns = true,
	 .netns = 4026531840,
	 .netns_name = "cni-5c3b7d1e-9d4f",
	 .has_dev = true,
	 .ifindex = 4711,
	 .ifname = "lxc0123456789ab",
	 .mtu = 9000,
	 .proto = 0x0800,
	 .len_bytes = 65549,
	 .pid = 4194304,
	 .comm = "kworker/u128:10",
	 .mark = 0xffffffff,
	 .tuple = {V4(255, 254), .has_l4 = true, .l4 = IPPROTO_TCP, .has_ports = true, .sport = 65535, .dport = 443,
		   .has_tcp = true, .tcp_flags = 0x12}},
	/* UDP of which the ports were not readable yet; a protocol without a name; a later fragment */
	{.seq = 4,
	 .pkt = 4,
	 .ts_ns = 32579980800001,
	 .skb = 1,
	 .func = "skb_push",
	 .comm = "dig",
	 .pid = 9,
	 .tuple = {V4(1, 2), .has_l4 = true, .l4 = IPPROTO_UDP}},
	{.seq = 5,
	 .pkt = 5,
	 .ts_ns = 32579980800002,
	 .skb = 1,
	 .func = "skb_push",
	 .comm = "x",
	 .pid = 9,
	 .tuple = {V4(1, 2), .has_l4 = true, .l4 = 253}},
	{.seq = 6,
	 .pkt = 6,
	 .ts_ns = 32579980800003,
	 .skb = 1,
	 .func = "ip_defrag",
	 .comm = "x",
	 .pid = 9,
	 .tuple = {V6(1, 2)}},
	/* ARP, and an EtherType without a name */
	{.seq = 7,
	 .pkt = 7,
	 .ts_ns = 32579980800004,
	 .skb = 2,
	 .func = "arp_rcv",
	 .proto = 0x0806,
	 .len_bytes = 28,
	 .comm = "ksoftirqd/0",
	 .pid = 13},
	{.seq = 8, .pkt = 8, .ts_ns = 32579980800005, .skb = 2, .func = "netif_rx", .proto = 0x88b5, .comm = "x"},
	/* drops: with a reason; without (5.10); a reason without a name; a place without a symbol; a reason alone */
	{.seq = 9,
	 .pkt = 9,
	 .ts_ns = 32579980800006,
	 .source = ST_SRC_KFREE,
	 .skb = 3,
	 .func = "kfree_skb",
	 .comm = "curl",
	 .pid = 5,
	 .has_location = true,
	 .location = 0xffffffff81234567,
	 .drop_symbol = "tcp_v4_rcv",
	 .drop_offset = 0x1a7,
	 .has_reason = true,
	 .drop_reason = 3,
	 .drop_reason_name = "NO_SOCKET",
	 .tuple = {V4(1, 2), .has_l4 = true, .l4 = IPPROTO_TCP, .has_ports = true, .sport = 40000, .dport = 81,
		   .has_tcp = true, .tcp_flags = 2}},
	{.seq = 10,
	 .pkt = 10,
	 .ts_ns = 32579980800007,
	 .source = ST_SRC_KFREE,
	 .skb = 3,
	 .func = "kfree_skb",
	 .comm = "curl",
	 .pid = 5,
	 .has_location = true,
	 .location = 0xffffffff81234567,
	 .drop_symbol = "tcp_v4_rcv",
	 .drop_offset = 0x1a7},
	{.seq = 11,
	 .pkt = 11,
	 .ts_ns = 32579980800008,
	 .source = ST_SRC_KFREE,
	 .skb = 3,
	 .func = "kfree_skb",
	 .comm = "curl",
	 .pid = 5,
	 .has_location = true,
	 .location = 0xffffffff81234567,
	 .has_reason = true,
	 .drop_reason = 0x30007},
	{.seq = 12,
	 .pkt = 12,
	 .ts_ns = 32579980800009,
	 .source = ST_SRC_KFREE,
	 .skb = 3,
	 .func = "kfree_skb",
	 .comm = "curl",
	 .pid = 5,
	 .has_reason = true,
	 .drop_reason = 2,
	 .drop_reason_name = "NOT_SPECIFIED"},
	/* a tc program: entry, the helper it calls, exit with a verdict; a function of it; XDP; one that nobody knows
	 */
	{.seq = 20,
	 .pkt = 6,
	 .ts_ns = 32579980800010,
	 .source = ST_SRC_PROG_ENTRY,
	 .skb = 4,
	 .func = "from_pod_peer",
	 .comm = "ping",
	 .pid = 5,
	 .prog = {.id = 45, .name = "from_pod_peer"}},
	{.seq = 21,
	 .pkt = 6,
	 .ts_ns = 32579980800011,
	 .source = ST_SRC_PROG_CALL,
	 .skb = 4,
	 .func = "bpf_redirect_peer",
	 .comm = "ping",
	 .pid = 5,
	 .prog = {.id = 45,
		  .name = "from_pod_peer",
		  .has_target = true,
		  .call = ST_CALL_REDIRECT_PEER,
		  .ifindex = 22,
		  .ifname = "lxc2"}},
	{.seq = 22,
	 .pkt = 6,
	 .ts_ns = 32579980800012,
	 .source = ST_SRC_PROG_CALL,
	 .skb = 4,
	 .func = "bpf_clone_redirect",
	 .comm = "ping",
	 .pid = 5,
	 .prog = {.id = 45, .has_target = true, .call = ST_CALL_CLONE_REDIRECT, .ifindex = 23, .flags = 1}},
	{.seq = 23,
	 .pkt = 6,
	 .ts_ns = 32579980800013,
	 .source = ST_SRC_PROG_EXIT,
	 .skb = 4,
	 .func = "from_pod_peer",
	 .comm = "ping",
	 .pid = 5,
	 .prog = {.id = 45, .name = "from_pod_peer", .has_value = true, .value = 7}},
	{.seq = 24,
	 .pkt = 6,
	 .ts_ns = 32579980800014,
	 .source = ST_SRC_PROG_EXIT,
	 .skb = 4,
	 .func = "parse",
	 .comm = "ping",
	 .pid = 5,
	 .prog = {.id = 45, .func = 1, .name = "from_pod_peer", .has_value = true, .value = 0xfffffffd}},
	{.seq = 25,
	 .pkt = 6,
	 .ts_ns = 32579980800015,
	 .source = ST_SRC_PROG_EXIT,
	 .func = "xdp_pass",
	 .comm = "ping",
	 .pid = 5,
	 .prog = {.id = 46, .xdp = true, .name = "xdp\033pass", .has_value = true, .value = 2}},
	{.seq = 26,
	 .pkt = 6,
	 .ts_ns = 32579980800016,
	 .source = ST_SRC_PROG_EXIT,
	 .comm = "ping",
	 .pid = 5,
	 .prog = {.id = 47, .has_value = true, .value = 0xdeadbeef00000063}},
	/* a function without a packet, and what functions return */
	{.seq = 27,
	 .pkt = 6,
	 .ts_ns = 32579980800017,
	 .source = ST_SRC_CALL,
	 .func = "fib_table_lookup",
	 .comm = "ping"},
	{.seq = 28,
	 .pkt = 6,
	 .ts_ns = 32579980800018,
	 .source = ST_SRC_RETURN,
	 .func = "fib_table_lookup",
	 .comm = "ping",
	 .ret = {.here = true, .kind = RETURN_SIGNED, .value = (uint64_t)-101}},
	{.seq = 29,
	 .ts_ns = 32579980800019,
	 .source = ST_SRC_RETURN,
	 .func = "skb_push",
	 .ret = {.here = true, .kind = RETURN_POINTER, .value = 0xffff8c6f5d78c2c2}},
	{.seq = 30,
	 .ts_ns = 32579980800020,
	 .source = ST_SRC_RETURN,
	 .func = "skb_clone",
	 .ret = {.here = true, .kind = RETURN_POINTER, .value = (uint64_t)-12}},
	{.seq = 32,
	 .ts_ns = 32579980800022,
	 .source = ST_SRC_RETURN,
	 .func = "is_skb_forwardable",
	 .ret = {.here = true, .kind = RETURN_BOOL, .value = 1}},
	{.seq = 33,
	 .ts_ns = 32579980800023,
	 .source = ST_SRC_RETURN,
	 .func = "skb_network_protocol",
	 .ret = {.here = true, .kind = RETURN_UNSIGNED, .value = UINT64_MAX}},
	{.seq = 34,
	 .ts_ns = 32579980800024,
	 .source = ST_SRC_RETURN,
	 .func = "foo.isra.0",
	 .ret = {.here = true, .kind = RETURN_UNKNOWN, .value = 0x1234}},
	/* uses of maps: a key that is there, one that is not, a long value, one that was not read, a removal */
	{.seq = 35, .source = ST_SRC_MAP, .func = "bpf_map_lookup_elem", .parts = &map_uses[0]},
	{.seq = 36, .source = ST_SRC_MAP, .func = "bpf_map_lookup_elem", .parts = &map_uses[1]},
	{.seq = 37, .source = ST_SRC_MAP, .func = "bpf_map_update_elem", .parts = &map_uses[2]},
	{.seq = 38, .source = ST_SRC_MAP, .func = "bpf_map_lookup_elem", .parts = &map_uses[3]},
	{.seq = 39, .source = ST_SRC_MAP, .func = "bpf_map_delete_elem", .parts = &map_uses[4]},
	/* nothing known; an address without a symbol; earlier than the first event */
	{.seq = 13},
	{.seq = 14, .ts_ns = 32578980753944, .addr = 0xffffffff81000004, .has_dev = true},
	/* hostile names */
	{.seq = UINT64_MAX,
	 .pkt = UINT64_MAX,
	 .ts_ns = UINT64_MAX,
	 .cpu = UINT32_MAX,
	 .skb = UINT64_MAX,
	 .func = "f\033[2J",
	 .module = "m\n{\"type\":\"summary\"}",
	 .has_netns = true,
	 .netns = UINT32_MAX,
	 .netns_name = "ns\xe2\x80\xae \"x\"\\",
	 .has_dev = true,
	 .ifindex = UINT32_MAX,
	 .ifname = "e\t\xff\xc2\x9b\x7f",
	 .mtu = UINT32_MAX,
	 .mark = UINT32_MAX,
	 .proto = 0xffff,
	 .len_bytes = UINT32_MAX,
	 .pid = UINT32_MAX,
	 .comm = "a b\r\xc3\xbc\xed\xa0\x80",
	 .has_location = true,
	 .location = UINT64_MAX,
	 .drop_symbol = "s\xef\xbb\xbf)",
	 .drop_offset = UINT64_MAX,
	 .has_reason = true,
	 .drop_reason = UINT32_MAX,
	 .drop_reason_name = "R\n"},
};

static const struct ledger ledgers[] = {
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
	text_header(f, o);
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		text_event(f, &events[i], o);
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
		event_json(&events[i], &o);
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
	text_header(&f, &o);
	for (size_t i = 0; i < ARRAY_SIZE(asked_events); i++)
		text_event(&f, &asked_events[i], &o);
	for (size_t i = 0; i < ARRAY_SIZE(asked_events); i++)
		event_json(&asked_events[i], &o);
	golden("event-parts.txt", &o);
}

Test(golden, ledger)
{
	_cleanup_out_ struct out text = {0}, json = {0};

	for (size_t i = 0; i < ARRAY_SIZE(ledgers); i++) {
		ledger_text(&ledgers[i], &text);
		ledger_json(&ledgers[i], &json);
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
