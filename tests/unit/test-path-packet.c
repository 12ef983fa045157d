/* SPDX-License-Identifier: GPL-2.0-only */
/* What traced packets come to: hops, transitions, ends, waits. And what broken or cut ones must not do. */
#include "test-path-build.h"

#include <errno.h>

#include "path/packet_diff.h"

static void collect(struct build *b, struct packet_list *list)
{
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = list};

	*b = (struct build){.ts_ns = START_NS};
	cr_assert_eq(packets_new(&opts, &b->packets), 0);
}

static void finish(struct build *b)
{
	cr_assert_eq(packets_flush(b->packets), 0);
	packets_free(b->packets);
}

/* The packet as "place(transition) stage stage | place…", which is what there is to see. */
static void describe(const struct packet *p, char *text, size_t size)
{
	size_t n = 0;

	text[0] = '\0';
	for (size_t h = 0; h < p->n_hops && n < size; h++) {
		const struct path_hop *hop = &p->hops[h];

		n += (size_t)snprintf(text + n, size - n, "%s%s<%s", h ? " | " : "", p->devices[hop->device].ifname,
				      transition_name(hop->into));
		for (size_t i = hop->first; i < hop->first + hop->count && n < size; i++)
			n += (size_t)snprintf(text + n, size - n, " %s%.*s", stage_key(p->runs[i].stage),
					      (int)p->runs[i].copy, "'");
	}
}

static void expect_path(const struct visit *visits, size_t n_visits, const struct tuple *tuple, enum packet_end end,
			const char *want)
{
	struct event base = PING(1, *tuple);
	struct packet_list list = {0};
	char text[2048];
	struct build b;

	collect(&b, &list);
	build_packet(&b, visits, n_visits, &base);
	finish(&b);
	cr_assert_eq(list.n, 1);
	describe(&list.items[0], text, sizeof(text));
	cr_expect_str_eq(text, want);
	cr_expect_eq(list.items[0].end, end, "%s", packet_end_name(list.items[0].end));
	packet_list_clear(&list);
}

#define EXPECT(visits, t, end, want)                                                                                   \
	do {                                                                                                           \
		struct tuple tuple = t;                                                                                \
		expect_path(visits, ARRAY_SIZE(visits), &tuple, end, want);                                            \
	} while (0)

#define OUT	  "eth0< ip_output netfilter ip_output qdisc driver veth"
#define OUT_NEIGH "eth0< ip_output netfilter ip_output neighbour qdisc driver veth"
#define IN	  "backlog receive tc_ingress redirect"

Test(packet, redirect_peer_on_four_kernels)
{
	EXPECT(ping_peer_6_12, REQUEST(1), PACKET_CONSUMED,
	       OUT " | lxc1<veth " IN " | eth0<bpf_redirect_peer redirect ip_input local free");
	EXPECT(ping_peer_5_10, REQUEST(1), PACKET_CONSUMED,
	       OUT " | lxc1<veth " IN " | eth0<bpf_redirect_peer ip_input local free");
	EXPECT(ping_peer_6_1, REQUEST(1), PACKET_CONSUMED,
	       OUT " | lxc1<veth " IN " | eth0<bpf_redirect_peer redirect ip_input local free");
	EXPECT(ping_peer_7_2, REQUEST(1), PACKET_CONSUMED,
	       OUT_NEIGH " | lxc1<veth " IN " | eth0<bpf_redirect_peer redirect ip_input local free");
}

/* A raw socket takes a clone; the original finds no socket, and that is no drop. */
Test(packet, reply_is_delivered_though_its_original_is_dropped)
{
	EXPECT(reply_peer_6_12, REPLY(1), PACKET_DELIVERED,
	       OUT " | lxc2<veth " IN
		   " | eth0<bpf_redirect_peer redirect ip_input local copy local' socket_queue' local "
		   "drop free socket_read' free'");
}

Test(packet, other_ways)
{
	EXPECT(ping_redirect_6_12, REQUEST(1), PACKET_CONSUMED,
	       OUT " | lxc1<veth " IN
		   " | lxc2<bpf_redirect qdisc tc_egress qdisc driver veth | eth0<veth backlog receive "
		   "ip_input local free");
	EXPECT(ping_stack_6_12, REQUEST(1), PACKET_CONSUMED,
	       OUT " | lxc1<veth backlog receive ip_input forward ip_output | lxc2<forwarded netfilter ip_output qdisc "
		   "driver veth | eth0<veth backlog receive ip_input local free");
	EXPECT(ping_bridge_6_12, REQUEST(1), PACKET_CONSUMED,
	       OUT " | lxc1<veth backlog receive bridge | lxc2<bridged bridge qdisc driver veth | eth0<veth backlog "
		   "receive ip_input local free");
	EXPECT(ping_netkit_6_12, REQUEST(1), PACKET_CONSUMED,
	       "eth0< ip_output netfilter ip_output qdisc driver netkit | lxc1<netkit redirect | lxc2<bpf_redirect "
	       "qdisc "
	       "driver netkit | eth0<netkit backlog receive ip_input local free");
}

Test(packet, transport)
{
	EXPECT(tcp_data_6_12, TCP(133, 67, 41482, 8080, 0x18), PACKET_DELIVERED,
	       OUT " | lxc1<veth " IN
		   " | eth0<bpf_redirect_peer redirect ip_input local socket_queue socket_read free");
	EXPECT(udp_closed_6_12, UDP(133, 67, 50518, 5354), PACKET_DROPPED,
	       "eth0< socket ip_output netfilter ip_output qdisc driver veth | lxc1<veth " IN
	       " | eth0<bpf_redirect_peer redirect ip_input local icmp_error drop free");
}

Test(packet, dropped_by_netfilter)
{
	struct event base = PING(1, REQUEST(1));
	struct packet_list list = {0};
	const struct packet *p;
	struct build b;

	collect(&b, &list);
	build_packet(&b, ping_nfdrop_6_12, ARRAY_SIZE(ping_nfdrop_6_12), &base);
	finish(&b);
	p = &list.items[0];
	cr_assert_eq(p->end, PACKET_DROPPED);
	cr_expect_eq(p->n_drops, 1);
	cr_expect_str_eq(p->drops[p->drop].reason_name, "NETFILTER_DROP");
	cr_expect_str_eq(p->drops[p->drop].symbol, "nf_hook_slow");
	cr_expect_str_eq(p->drops[p->drop].after, "nf_hook_slow");
	cr_expect_str_eq(p->devices[p->steps[p->end_step].device].ifname, "lxc1");
	cr_expect_eq(p->total_ns, p->end_step * STEP_NS);
	packet_list_clear(&list);
}

Test(packet, longest_wait_is_that_of_the_softirq)
{
	struct event base = PING(7, REQUEST(1));
	struct packet_list list = {0};
	const struct packet *p;
	struct build b;

	collect(&b, &list);
	b.wait_at = "__netif_receive_skb";
	b.wait_ns = 3000000;
	build_packet(&b, ping_peer_6_12, ARRAY_SIZE(ping_peer_6_12), &base);
	finish(&b);
	p = &list.items[0];
	cr_assert(p->has_wait);
	cr_expect_eq(p->wait_ns, 3001000);
	cr_expect_str_eq(p->steps[p->wait_from].func, "enqueue_to_backlog");
	cr_expect_str_eq(p->steps[p->wait_to].func, "__netif_receive_skb");
	cr_expect_eq(p->runs[p->wait_run].stage, STAGE_BACKLOG);
	cr_expect_eq(p->runs[p->wait_run].duration_ns, 3003000);
	cr_expect_eq(p->pid, 1234);
	cr_expect_str_eq(p->comm, "ping");
	packet_list_clear(&list);
}

/* Nobody waits for what is freed: the second longest counts. */
Test(packet, being_freed_late_is_no_wait)
{
	struct event base = PING(1, REQUEST(1));
	struct packet_list list = {0};
	struct build b;

	collect(&b, &list);
	b.wait_at = "consume_skb";
	b.wait_ns = 9000000;
	build_packet(&b, ping_peer_6_12, ARRAY_SIZE(ping_peer_6_12), &base);
	finish(&b);
	cr_expect_eq(list.items[0].wait_ns, STEP_NS);
	cr_expect_str_eq(packet_last_func(&list.items[0]), "icmp_reply");
	packet_list_clear(&list);
}

static struct packet single(const struct visit *visits, size_t n)
{
	struct event base = PING(1, REQUEST(1));
	struct packet_list list = {0};
	struct packet p;
	static struct build b; /* holds the names that p borrows */

	collect(&b, &list);
	build_packet(&b, visits, n, &base);
	finish(&b);
	cr_assert_eq(list.n, 1);
	p = list.items[0];
	free(list.items);
	return p;
}

Test(packet, a_full_receive_buffer_is_a_drop)
{
	static const struct visit visits[] = {
		{2, 2, 0, "eth0", "ip_rcv udp_rcv __udp_enqueue_schedule_skb !SOCKET_RCVBUFF@udp_queue_rcv_one_skb"}};
	struct packet p = single(visits, ARRAY_SIZE(visits));

	cr_expect_eq(p.end, PACKET_DROPPED);
	cr_expect_str_eq(p.drops[p.drop].after, "__udp_enqueue_schedule_skb");
	packet_clear(&p);
}

/* The tracepoint tells of a fragment that is let go with what it became part of. */
Test(packet, a_part_of_what_is_freed_is_no_drop)
{
	static const struct visit used[] = {
		{2, 2, 0, "eth0", "ip_rcv ip_defrag !NOT_SPECIFIED@skb_release_data kfree_skbmem"}};
	static const struct visit bad[] = {
		{2, 2, 0, "eth0", "ip_rcv ip_defrag !TCP_CSUM@skb_release_data kfree_skbmem"}};
	struct packet p = single(used, ARRAY_SIZE(used));

	cr_expect_eq(p.end, PACKET_CONSUMED);
	cr_expect_eq(p.n_drops, 0);
	packet_clear(&p);
	p = single(bad, ARRAY_SIZE(bad));
	cr_expect_eq(p.end, PACKET_DROPPED);
	packet_clear(&p);
}

static struct tuple told_by(const struct event *events, size_t n)
{
	struct packet p = {0};
	struct func_tables *stages;
	struct tuple ret;

	cr_assert_eq(func_tables_new(&stages), 0);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(packet_add(&p, &events[i], stages, 100), 0);
	cr_expect_not(p.translated);
	ret = p.tuple;
	packet_clear(&p);
	func_tables_free(stages);
	return ret;
}

/* What its sender had not written when it was first seen is not believed. */
Test(packet, a_header_that_is_still_to_be_written)
{
	const struct event datagram[] = {
		{.pkt = 1, .func = "ip_options_build", .tuple = UDP(133, 67, 7, 7)},
		{.pkt = 1, .func = "udp_send_skb", .tuple = UDP(133, 67, 7, 7)},
		{.pkt = 1, .func = "udp4_hwcsum", .tuple = UDP(133, 67, 40000, 53)},
		{.pkt = 1, .func = "ip_output", .proto = 0x0800, .tuple = UDP(133, 67, 40000, 53)},
	};
	const struct event fragment[] = {
		{.pkt = 1,
		 .func = "ip_copy_metadata",
		 .tuple = {V4(133, 67), .l4 = IPPROTO_ICMP, .has_icmp = true, .icmp_type = 192}},
		{.pkt = 1, .func = "ip_output", .proto = 0x0800, .tuple = {V4(133, 67), .l4 = IPPROTO_ICMP}},
	};

	cr_expect_eq(told_by(datagram, ARRAY_SIZE(datagram)).sport, 40000);
	cr_expect_not(told_by(fragment, ARRAY_SIZE(fragment)).has_icmp);
}

/* A capture's clone is consumed, the packet itself dropped. */
Test(packet, a_drop_says_more_than_a_consumed_clone)
{
	static const struct visit visits[] = {{1, 2, 0, "eth0", "ip_output dev_queue_xmit_nit skb_clone"},
					      {1, 2, 1, "eth0", "packet_rcv consume_skb kfree_skbmem"},
					      {1, 2, 0, "eth0", "dev_hard_start_xmit !DEV_READY@veth_xmit"}};
	struct packet p = single(visits, ARRAY_SIZE(visits));

	cr_expect_eq(p.end, PACKET_DROPPED);
	cr_expect_eq(p.n_copies, 2);
	packet_clear(&p);
}

/* The kernel's part of tcx and netkit is inlined: only the program tells. */
Test(packet, the_stage_of_a_program_is_where_it_is_attached)
{
	static const struct {
		const char *funcs;
		enum stage stage; /* of the third step */
	} cases[] = {
		{"__netif_receive_skb <p:x bpf_skb_load_bytes >p:x=7", STAGE_TCX_INGRESS},
		{"__netif_receive_skb <p:x @p:x >p:x=7", STAGE_TCX_INGRESS},
		{"__netif_receive_skb <p:x /p:x=1 >p:x=7", STAGE_TCX_INGRESS},
		{"__dev_queue_xmit <p:X >p:X=7", STAGE_TCX_EGRESS},
		{"__dev_queue_xmit <p:x >p:x=7", STAGE_TCX_INGRESS},
		{"veth_xmit <p:X >p:X=7", STAGE_TCX_EGRESS},
		{"__netif_receive_skb <p:i >p:i=7", STAGE_TC_INGRESS},
		{"veth_xmit <p:e >p:e=7", STAGE_TC_EGRESS},
		{"netkit_xmit <p:n >p:n=7", STAGE_NETKIT},
		{"__netif_receive_skb <tcp_x:? >tcp_x:?=0", STAGE_TC_INGRESS},
		{"__dev_queue_xmit <p:? >p:?=0", STAGE_TC_EGRESS},
		{"<p:d >p:d=2 __netif_receive_skb", STAGE_RECEIVE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct visit visits[] = {{3, 9, 0, "lxc1", cases[i].funcs}};
		struct packet p = single(visits, 1);

		cr_expect_eq(p.steps[2].stage, cases[i].stage, "%s: %s", cases[i].funcs, stage_name(p.steps[2].stage));
		cr_expect_eq(p.n_copies, 1, "%s", cases[i].funcs);
		packet_clear(&p);
	}
}

Test(packet, tc_on_the_way_out)
{
	static const struct visit visits[] = {
		{3, 9, 0, "lxc2", "ip_output __dev_queue_xmit tc_run tcf_classify skb_push"},
		{3, 9, 0, "lxc2", "netdev_core_pick_tx dev_hard_start_xmit"}};
	struct packet p = single(visits, ARRAY_SIZE(visits));

	cr_expect_eq(p.steps[2].stage, STAGE_TC_EGRESS);
	cr_expect_eq(p.steps[3].stage, STAGE_TC_EGRESS);
	cr_expect_eq(p.steps[4].stage, STAGE_TC_EGRESS);
	cr_expect_eq(p.steps[5].stage, STAGE_QDISC);
	cr_expect_eq(p.end, PACKET_ALIVE);
	packet_clear(&p);
}

/* It is a run of its own, named by itself, and what follows goes on as before. */
Test(packet, an_unknown_function_is_shown)
{
	static const struct visit visits[] = {
		{1, 2, 0, "eth0", "skb_push ip_output exotic_hook skb_pull ip_finish_output"}};
	struct packet p = single(visits, ARRAY_SIZE(visits));

	cr_assert_eq(p.n_runs, 3);
	cr_expect_eq(p.runs[0].stage, STAGE_IP_OUTPUT);
	cr_expect_eq(p.runs[0].count, 2);
	cr_expect_eq(p.runs[1].stage, STAGE_NONE);
	cr_expect_str_eq(p.steps[p.runs[1].first].func, "exotic_hook");
	cr_expect_eq(p.runs[2].stage, STAGE_IP_OUTPUT);
	cr_expect_eq(p.runs[2].count, 2);
	packet_clear(&p);
}

Test(packet, only_helpers)
{
	static const struct visit visits[] = {{0, 0, 0, NULL, "skb_push skb_pull"}};
	struct packet p = single(visits, ARRAY_SIZE(visits));

	cr_expect_eq(p.n_runs, 2);
	cr_expect_eq(p.runs[0].stage, STAGE_NONE);
	cr_expect_eq(p.n_hops, 1);
	packet_clear(&p);
}

/* In TCP the socket's namespace is known, the device not: it stays where it was. Another namespace does not. */
Test(packet, places_that_are_not_known)
{
	static const struct visit visits[] = {{1, 0, 0, NULL, "ip_output"},
					      {1, 2, 0, "eth0", "dev_hard_start_xmit"},
					      {0, 0, 0, NULL, "tcp_v4_do_rcv"},
					      {1, 0, 0, NULL, "tcp_ack"},
					      {2, 0, 0, NULL, "tcp_data_queue"}};
	struct packet p = single(visits, ARRAY_SIZE(visits));

	cr_assert_eq(p.n_hops, 2);
	cr_expect_str_eq(p.devices[p.steps[0].device].ifname, "eth0");
	cr_expect_str_eq(p.devices[p.steps[3].device].ifname, "eth0");
	cr_expect_str_eq(p.devices[p.steps[4].device].netns_name, "pod2");
	cr_expect_not(p.devices[p.steps[4].device].has_dev);
	cr_expect_eq(p.hops[1].into, TRANSITION_NETNS);
	packet_clear(&p);
}

static void check_sound(const struct packet *p)
{
	size_t steps = 0, runs = 0;

	for (size_t i = 0; i < p->n_runs; i++) {
		cr_assert_eq(p->runs[i].first, steps);
		cr_assert_gt(p->runs[i].count, 0);
		steps += p->runs[i].count;
	}
	cr_assert_eq(steps, p->n_steps);
	for (size_t h = 0; h < p->n_hops; h++) {
		cr_assert_eq(p->hops[h].first, runs);
		runs += p->hops[h].count;
	}
	cr_assert_eq(runs, p->n_runs);
	cr_assert_lt(p->end_step, p->n_steps);
	for (size_t i = 0; i < p->n_steps; i++)
		cr_assert_neq(p->steps[i].stage, STAGE_WITHIN);
}

/* Cut at every event: the ring overflowed, the trace was stopped. */
Test(packet, every_truncation)
{
	for (size_t limit = 1; limit < 90; limit++) {
		struct event base = PING(1, REPLY(1));
		struct packet_list list = {0};
		struct build b;
		size_t n;

		collect(&b, &list);
		b.limit = limit;
		n = build_packet(&b, reply_peer_6_12, ARRAY_SIZE(reply_peer_6_12), &base);
		finish(&b);
		cr_assert_eq(list.n, 1);
		cr_assert_eq(list.items[0].n_steps, limit < n ? limit : n);
		check_sound(&list.items[0]);
		packet_list_clear(&list);
	}
}

/* Any order, any place, any copy, times that run backwards. */
Test(packet, random_walk)
{
	static const char *const funcs[] = {"ip_rcv",	       "veth_xmit",	"skb_push", "exotic",
					    "kfree_skbmem",    "tcp_queue_rcv", "tc_run",   "skb_copy_datagram_iter",
					    "skb_do_redirect", "consume_skb"};
	struct packet_list list = {0};
	uint32_t r = 1;
	struct build b;

	collect(&b, &list);
	for (int i = 0; i < 50000; i++) {
		struct event ev = {.source = ST_SRC_KPROBE};

		r = r * 1664525u + 1013904223u;
		ev.pkt = r >> 8 & 63;
		ev.func = r >> 14 & 15 ? funcs[(r >> 18) % ARRAY_SIZE(funcs)] : NULL;
		r = r * 1664525u + 1013904223u;
		ev.skb = r >> 8 & 31;
		ev.has_dev = r >> 13 & 1;
		ev.has_netns = r >> 14 & 1;
		ev.netns = r >> 15 & 7;
		ev.ifindex = ev.has_dev ? r >> 18 & 31 : 0;
		ev.has_location = (r >> 24 & 7) == 0;
		ev.ts_ns = START_NS + (uint64_t)i - (r >> 27);
		cr_assert_eq(packets_add(b.packets, &ev), 0);
	}
	finish(&b);
	cr_assert_eq(list.n, 63);
	for (size_t i = 0; i < list.n; i++) {
		check_sound(&list.items[i]);
		cr_assert_lt(list.items[i].total_ns, 1000000);
		cr_assert_lt(list.items[i].wait_ns, 1000000);
	}
	packet_list_clear(&list);
}
