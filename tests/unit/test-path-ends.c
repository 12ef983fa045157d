/* SPDX-License-Identifier: GPL-2.0-only */
/* How packets end: a death is that of one skb, a wait has its name, and what is freed is not always lost. */
#include "test-path-build.h"

#include "path/free_meaning.h"
#include "path/packet_list.h"

static struct build b; /* holds the names that packets borrow */

/* The packet that these visits make; the caller clears it. */
static struct packet packet_of(const struct visit *visits, size_t n, struct event base, bool losses_first)
{
	struct packet_list list = {0};
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = &list, .losses_first = losses_first};
	struct packet p;

	b = (struct build){.ts_ns = START_NS};
	cr_assert_eq(packets_new(&opts, &b.packets), 0);
	build_packet(&b, visits, n, &base);
	cr_assert_eq(packets_flush(b.packets), 0);
	packets_free(b.packets);
	cr_assert_eq(list.n, 1);
	p = list.items[0];
	free(list.items);
	return p;
}

static const struct event ping = PING(1, REQUEST(1));

static void expect_end(const struct visit *visits, size_t n, enum packet_end end, enum queue queue)
{
	struct packet p = packet_of(visits, n, ping, false);

	cr_expect_eq(p.end, end, "%s: %s", visits[0].funcs, packet_end_name(p.end));
	cr_expect_eq(p.queue, queue, "%s: queue %d", visits[0].funcs, p.queue);
	packet_clear(&p);
}
#define EXPECT_END(visits, end, queue) expect_end(visits, ARRAY_SIZE(visits), end, queue)

/* Only the clone that ARP looks at is consumed (net/core/neighbour.c, neigh_probe()). */
Test(ends, a_clone_s_death_is_not_the_packet_s)
{
	static const struct visit arp[] = {
		{1, 2, 0, "eth0", "ip_output ip_finish_output2 neigh_resolve_output __neigh_event_send skb_clone"},
		{1, 2, 1, "eth0", "arp_solicit consume_skb skb_release_head_state kfree_skbmem"}};
	struct packet p = packet_of(arp, ARRAY_SIZE(arp), ping, false);

	cr_expect_eq(p.end, PACKET_ALIVE);
	cr_expect_eq(p.queue, QUEUE_NEIGHBOUR);
	cr_expect_str_eq(packet_last_func(&p), "__neigh_event_send");
	packet_clear(&p);
}

/* The answer came: it does not wait any more. */
Test(ends, what_went_on_waits_no_more)
{
	static const struct visit arp[] = {
		{1, 2, 0, "eth0", "neigh_resolve_output __neigh_event_send"},
		{1, 2, 1, "eth0", "arp_solicit consume_skb kfree_skbmem"},
		{1, 2, 0, "eth0",
		 "neigh_resolve_output dev_queue_xmit __dev_queue_xmit dev_hard_start_xmit veth_xmit"}};
	static const struct visit failed[] = {
		{1, 2, 0, "eth0", "neigh_resolve_output __neigh_event_send"},
		{1, 2, 1, "eth0", "arp_solicit consume_skb kfree_skbmem"},
		{1, 2, 0, "eth0", "arp_error_report !NEIGH_FAILED@arp_error_report kfree_skbmem"}};

	EXPECT_END(arp, PACKET_ALIVE, QUEUE_NONE);
	EXPECT_END(failed, PACKET_DROPPED, QUEUE_NONE);
}

Test(ends, each_queue_has_its_name)
{
	static const struct {
		const char *funcs;
		enum queue queue;
	} cases[] = {
		{"__dev_queue_xmit dev_qdisc_enqueue pfifo_fast_enqueue", QUEUE_QDISC},
		{"__dev_queue_xmit netem_enqueue qdisc_tree_reduce_backlog", QUEUE_QDISC},
		{"nf_hook_slow nf_queue", QUEUE_NFQUEUE},
		{"ip_local_deliver ip_defrag ip_frag_queue inet_frag_queue_insert", QUEUE_FRAGMENTS},
		{"ip_output xdst_queue_output", QUEUE_XFRM_STATE},
		{"xfrm_output esp_output esp_output_tail", QUEUE_XFRM_CRYPTO},
		{"dev_hard_start_xmit wg_xmit", QUEUE_WIREGUARD},
		{"dev_hard_start_xmit tun_net_xmit", QUEUE_TUN},
		{"dev_hard_start_xmit start_xmit skb_tx_timestamp", QUEUE_DRIVER},
		{"veth_xmit veth_forward_skb veth_xdp_rx", QUEUE_NAPI},
		{"netif_rx enqueue_to_backlog", QUEUE_BACKLOG},
		{"tcp_v4_rcv tcp_data_queue tcp_data_queue_ofo tcp_grow_window", QUEUE_OUT_OF_ORDER},
		{"tcp_v4_rcv tcp_data_queue tcp_try_rmem_schedule tcp_measure_rcv_mss", QUEUE_OUT_OF_ORDER},
		{"tcp_v4_rcv tcp_data_queue tcp_try_rmem_schedule", QUEUE_OUT_OF_ORDER},
		{"tcp_v4_rcv tcp_add_backlog skb_condense", QUEUE_SOCKET_BACKLOG},
		{"arp_rcv pneigh_enqueue", QUEUE_PROXY_ARP},
		{"ip_mr_input ipmr_cache_unresolved", QUEUE_MROUTE},
		{"ip_output ip_finish_output2", QUEUE_NONE},
		{"netem_enqueue dev_hard_start_xmit veth_xmit", QUEUE_NONE},
		{"enqueue_to_backlog __netif_receive_skb ip_rcv", QUEUE_NONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct visit visits[] = {{1, 2, 0, "eth0", cases[i].funcs}};
		struct packet p = packet_of(visits, 1, ping, false);

		cr_expect_eq(p.end, PACKET_ALIVE, "%s", cases[i].funcs);
		cr_expect_eq(p.queue, cases[i].queue, "%s: %d", cases[i].funcs, p.queue);
		cr_expect_eq(queue_wait(p.queue) == NULL, p.queue == QUEUE_NONE, "%s", cases[i].funcs);
		packet_clear(&p);
	}
}

/* What TCP keeps until it is acknowledged does not wait: its clone was sent. */
Test(ends, what_the_sender_keeps_is_no_wait)
{
	static const struct visit sent[] = {
		{1, 2, 0, "eth0", "__tcp_transmit_skb skb_clone"},
		{1, 2, 1, "eth0", "ip_output dev_hard_start_xmit start_xmit napi_consume_skb consume_skb kfree_skbmem"},
		{1, 2, 0, "eth0", "tcp_update_skb_after_send tcp_event_new_data_sent"}};
	static const struct visit waits[] = {{1, 2, 0, "eth0", "tcp_skb_entail tcp_tso_should_defer"}};

	EXPECT_END(sent, PACKET_CONSUMED, QUEUE_NONE);
	EXPECT_END(waits, PACKET_ALIVE, QUEUE_SENDER);
}

Test(ends, only_a_socket_s_queue_delivers)
{
	static const struct visit ack[] = {
		{1, 2, 0, "eth0", "tcp_v4_rcv tcp_ack tcp_data_queue __kfree_skb kfree_skbmem"}};
	static const struct visit syn_ack[] = {{1, 2, 0, "eth0", "tcp_v4_rcv tcp_add_backlog tcp_ack __kfree_skb"}};
	static const struct visit data[] = {
		{1, 2, 0, "eth0", "tcp_v4_rcv tcp_data_queue tcp_try_rmem_schedule tcp_queue_rcv"}};
	static const struct visit merged[] = {
		{1, 2, 0, "eth0", "tcp_v4_rcv tcp_queue_rcv kfree_skb_partial kfree_skbmem"}};
	static const struct visit tun[] = {
		{1, 2, 0, "t0", "dev_hard_start_xmit tun_net_xmit skb_copy_datagram_iter consume_skb kfree_skbmem"}};
	static const struct visit tun_5_10[] = {
		{1, 2, 0, "t0", "dev_hard_start_xmit skb_copy_datagram_iter consume_skb kfree_skbmem"}};
	static const struct visit read[] = {
		{1, 2, 0, "eth0", "udp_rcv skb_copy_datagram_iter consume_skb kfree_skbmem"}};
	static const struct visit sleeps[] = {{0, 0, 0, NULL, "__skb_wait_for_more_packets"}};

	EXPECT_END(ack, PACKET_CONSUMED, QUEUE_NONE);
	EXPECT_END(syn_ack, PACKET_CONSUMED, QUEUE_NONE);
	EXPECT_END(data, PACKET_DELIVERED, QUEUE_NONE);
	EXPECT_END(merged, PACKET_DELIVERED, QUEUE_NONE);
	EXPECT_END(tun, PACKET_CONSUMED, QUEUE_NONE);
	EXPECT_END(tun_5_10, PACKET_CONSUMED, QUEUE_NONE);
	EXPECT_END(read, PACKET_DELIVERED, QUEUE_NONE);
	EXPECT_END(sleeps, PACKET_ALIVE, QUEUE_NONE);
}

/* The capture of a packet is not its receiver. */
Test(ends, a_capture_decides_nothing)
{
	static const struct visit lost[] = {
		{1, 2, 0, "eth0", "ip_output dev_queue_xmit_nit skb_clone"},
		{1, 2, 1, "eth0", "packet_rcv !PACKET_SOCK_ERROR@packet_rcv kfree_skbmem"},
		{1, 2, 0, "eth0", "dev_hard_start_xmit veth_xmit ip_rcv icmp_rcv consume_skb kfree_skbmem"}};
	static const struct visit unread[] = {
		{1, 2, 0, "eth0", "ip_output dev_queue_xmit_nit skb_clone"},
		{1, 2, 1, "eth0", "packet_rcv"},
		{1, 2, 0, "eth0", "dev_hard_start_xmit veth_xmit ip_rcv icmp_rcv consume_skb kfree_skbmem"}};
	static const struct visit read[] = {
		{1, 2, 0, "eth0", "ip_output dev_queue_xmit_nit skb_clone"},
		{1, 2, 1, "eth0", "packet_rcv skb_copy_datagram_iter consume_skb kfree_skbmem"},
		{1, 2, 0, "eth0", "dev_hard_start_xmit !DEV_READY@veth_xmit kfree_skbmem"}};

	static const struct visit clone[] = {
		{1, 2, 0, "eth0",
		 "netif_receive_skb packet_rcv skb_clone ip_rcv !IP_INADDRERRORS@ip_error kfree_skbmem"},
		{1, 2, 1, "eth0", "skb_copy_datagram_iter consume_skb kfree_skbmem"}};
	static const struct visit closed[] = {
		{1, 2, 0, "eth0", "netif_receive_skb packet_rcv skb_clone ip_rcv icmp_rcv consume_skb kfree_skbmem"},
		{1, 2, 1, "eth0", "!QUEUE_PURGE@skb_queue_purge_reason kfree_skbmem"}};

	EXPECT_END(clone, PACKET_DROPPED, QUEUE_NONE);
	EXPECT_END(closed, PACKET_CONSUMED, QUEUE_NONE);
	EXPECT_END(lost, PACKET_CONSUMED, QUEUE_NONE);
	EXPECT_END(unread, PACKET_CONSUMED, QUEUE_NONE);
	EXPECT_END(read, PACKET_DROPPED, QUEUE_NONE);
}

/* One skb after the other at an address: the second is another copy. */
Test(ends, an_address_is_used_again)
{
	static const struct visit visits[] = {{1, 2, 0, "eth0", "br_flood"},
					      {1, 2, 1, "eth0", "ip_rcv !OTHERHOST@ip_rcv_core kfree_skbmem"},
					      {2, 2, 1, "eth0", "ip_rcv udp_rcv __udp_enqueue_schedule_skb"}};
	struct packet p = packet_of(visits, ARRAY_SIZE(visits), ping, false);

	cr_expect_eq(p.n_copies, 3);
	cr_expect_eq(p.end, PACKET_DELIVERED);
	packet_clear(&p);
}

/* Three ports of a bridge: a receiver, one with a rule, one that the frame is not for. */
#define PORT_TAKES                                                                                                     \
	{                                                                                                              \
		1, 2, 1, "eth0", "ip_rcv udp_rcv __udp_enqueue_schedule_skb"                                           \
	}
#define PORT_DROPS                                                                                                     \
	{                                                                                                              \
		2, 3, 2, "eth0", "ip_rcv nf_hook_slow !NETFILTER_DROP@nf_hook_slow kfree_skbmem"                       \
	}
#define PORT_OTHERS                                                                                                    \
	{                                                                                                              \
		3, 4, 3, "eth9", "ip_rcv ip_rcv_core !OTHERHOST@ip_rcv_core kfree_skbmem"                              \
	}
Test(ends, the_order_of_ports_decides_nothing)
{
	static const struct visit flood = {3, 9, 0, "br0", "br_handle_frame br_flood"};
	const struct visit orders[][4] = {{flood, PORT_TAKES, PORT_DROPS, PORT_OTHERS},
					  {flood, PORT_OTHERS, PORT_DROPS, PORT_TAKES},
					  {flood, PORT_DROPS, PORT_TAKES, PORT_OTHERS}};

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		struct packet p = packet_of(orders[i], 4, ping, false);

		cr_expect_eq(p.end, PACKET_DELIVERED, "%zu", i);
		cr_expect_eq(p.n_drops, 2);
		cr_expect_not(p.drops[0].is_delivered || p.drops[1].is_delivered, "in other namespaces");
		packet_clear(&p);
		p = packet_of(orders[i], 4, ping, true);
		cr_expect_eq(p.end, PACKET_DROPPED, "%zu", i);
		cr_expect_str_eq(p.drops[p.drop].reason_name, "NETFILTER_DROP", "%zu", i);
		packet_clear(&p);
	}
}

/* The drop of an original is excused by a raw socket of its namespace, and of no other. */
Test(ends, a_clone_in_another_namespace_excuses_nothing)
{
	static const struct visit visits[] = {{1, 2, 1, "eth0", "raw_rcv sock_queue_rcv_skb"},
					      {2, 2, 0, "eth0", "icmp_rcv ping_rcv !NO_SOCKET@icmp_rcv kfree_skbmem"}};
	static const struct visit same[] = {{2, 2, 1, "eth0", "raw_rcv sock_queue_rcv_skb"},
					    {2, 2, 0, "eth0", "icmp_rcv ping_rcv !NO_SOCKET@icmp_rcv kfree_skbmem"}};
	struct packet p = packet_of(visits, ARRAY_SIZE(visits), ping, true);

	cr_expect_eq(p.end, PACKET_DROPPED);
	packet_clear(&p);
	p = packet_of(same, ARRAY_SIZE(same), ping, true);
	cr_expect_eq(p.end, PACKET_DELIVERED);
	cr_expect(p.drops[0].is_delivered);
	packet_clear(&p);
}

#define TO_GROUP                                                                                                       \
	{                                                                                                              \
		.family = 4, .src = {10, 0, 0, 133}, .dst = {224, 0, 0, 251}, .has_l4 = true, .l4 = IPPROTO_UDP        \
	}

/* Each row: what is freed with nothing lost, and beside it the like that is lost. */
Test(ends, freed_and_nothing_lost)
{
	static const struct {
		const char *funcs;
		struct tuple tuple;
		enum packet_end end;
	} cases[] = {
		{"tcp_ack tcp_urg !NOT_SPECIFIED@tcp_rcv_state_process", TCP(1, 2, 3, 4, 16), PACKET_FREED},
		{"tcp_ack tcp_urg !TCP_RESET@tcp_rcv_state_process", TCP(1, 2, 3, 4, 16), PACKET_DROPPED},
		{"tcp_timewait_state_process tcp_v4_send_ack !NOT_SPECIFIED@tcp_v4_rcv", TCP(1, 2, 3, 4, 17),
		 PACKET_FREED},
		{"tcp_timewait_state_process ip_send_unicast_reply !@tcp_v4_rcv", TCP(1, 2, 3, 4, 17), PACKET_FREED},
		{"tcp_timewait_state_process tcp_v4_send_reset !NOT_SPECIFIED@tcp_v4_rcv", TCP(1, 2, 3, 4, 17),
		 PACKET_DROPPED},
		{"tcp_v4_rcv tcp_v4_send_reset !NO_SOCKET@tcp_v4_rcv", TCP(1, 2, 3, 4, 2), PACKET_DROPPED},
		{"tcp_v4_rcv !NOT_SPECIFIED@tcp_v4_rcv", TCP(1, 2, 3, 4, 16), PACKET_DROPPED},
		{"tcp_queue_rcv !QUEUE_PURGE@sk_stream_kill_queues", TCP(1, 2, 3, 4, 17), PACKET_FREED},
		{"tcp_queue_rcv !@sk_stream_kill_queues", TCP(1, 2, 3, 4, 17), PACKET_FREED},
		{"sock_queue_rcv_skb !QUEUE_PURGE@skb_queue_purge_reason", UDP(1, 2, 3, 4), PACKET_FREED},
		{"__neigh_event_send !QUEUE_PURGE@skb_queue_purge_reason", UDP(1, 2, 3, 4), PACKET_DROPPED},
		{"pfifo_fast_enqueue !QUEUE_PURGE@__rtnl_unlock", UDP(1, 2, 3, 4), PACKET_DROPPED},
		{"icmpv6_rcv ndisc_rcv ndisc_recv_ns !@icmpv6_rcv", UDP(1, 2, 3, 4), PACKET_FREED},
		{"icmpv6_rcv !@icmpv6_rcv", UDP(1, 2, 3, 4), PACKET_DROPPED},
		{"icmpv6_rcv ndisc_rcv ndisc_recv_ns !IPV6_NDISC_BAD_OPTIONS@icmpv6_rcv", UDP(1, 2, 3, 4),
		 PACKET_DROPPED},
		{"udp_v4_early_demux !NOT_SPECIFIED@ip_rcv_finish_core.isra.0", TO_GROUP, PACKET_FREED},
		{"udp_v4_early_demux ip_mc_validate_source !NOT_SPECIFIED@ip_rcv_finish_core.isra.0", TO_GROUP,
		 PACKET_DROPPED},
		{"udp_v4_early_demux !NOT_SPECIFIED@ip_rcv_finish_core.isra.0", UDP(1, 2, 3, 4), PACKET_DROPPED},
		{"ip6_mc_input !NOT_SPECIFIED@ip6_mc_input", UDP(1, 2, 3, 4), PACKET_FREED},
		{"ip6_rcv_core !NOT_SPECIFIED@ip6_rcv_core", UDP(1, 2, 3, 4), PACKET_DROPPED},
		{"tcp_data_queue !TCP_OLD_DATA@tcp_data_queue", TCP(1, 2, 3, 4, 16), PACKET_FREED},
		{"tcp_data_queue !TCP_ZEROWINDOW@tcp_data_queue", TCP(1, 2, 3, 4, 16), PACKET_DROPPED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct visit visits[] = {{1, 2, 0, "eth0", cases[i].funcs}};
		struct event base = PING(1, cases[i].tuple);
		struct packet p = packet_of(visits, 1, base, false);

		cr_expect_eq(p.end, cases[i].end, "%s: %s", cases[i].funcs, packet_end_name(p.end));
		cr_assert_eq(p.n_drops, 1);
		cr_expect_eq(p.drops[0].harmless != NULL, p.end == PACKET_FREED);
		packet_clear(&p);
	}
}

Test(ends, lost_though_the_kernel_calls_it_used)
{
	static const struct visit refused[] = {{1, 2, 0, "wg0", "wg_allowedips_lookup_src consume_skb kfree_skbmem"}};
	static const struct visit allowed[] = {
		{1, 2, 0, "wg0", "wg_allowedips_lookup_src napi_gro_receive ip_rcv icmp_rcv consume_skb kfree_skbmem"}};
	static const struct visit dummy[] = {
		{1, 2, 0, "d0", "dev_hard_start_xmit dummy_xmit consume_skb kfree_skbmem"}};
	struct packet p = packet_of(refused, ARRAY_SIZE(refused), ping, false);

	cr_expect_eq(p.end, PACKET_DROPPED);
	cr_assert_eq(p.n_drops, 1, "it dies once");
	cr_expect_not_null(p.drops[0].lost);
	cr_expect_str_eq(p.drops[0].after, "wg_allowedips_lookup_src");
	packet_clear(&p);
	EXPECT_END(allowed, PACKET_CONSUMED, QUEUE_NONE);
	EXPECT_END(dummy, PACKET_DROPPED, QUEUE_NONE);
}

Test(ends, every_name_stands_in_the_tables_once)
{
	_cleanup_(func_tables_freep) struct func_tables *t = NULL;

	cr_assert_eq(func_tables_new(&t), 0);
	cr_expect_eq(func_tables_find(t, "netem_enqueue").queue, QUEUE_QDISC);
	cr_expect_eq(func_tables_find(t, "ndisc_recv_ns.isra.0").marks, FREE_ICMP6_USED);
	cr_expect_eq(func_tables_find(t, NULL).stage, STAGE_NONE);
}
