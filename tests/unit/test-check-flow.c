/* SPDX-License-Identifier: GPL-2.0-only */
/* Filing: which packet a witness belongs to, and which packets count. */
#include <criterion/criterion.h>

#include "ways.h"

/* What makes two witnesses those of different packets: each of these alone. */
Test(flow, packets_differ_by_what_no_hop_changes)
{
	const struct witness first = {.hook = ST_HOOK_XMIT,
				      .has_l4 = true,
				      .l4 = IPPROTO_TCP,
				      .sport = 40000,
				      .dport = 443,
				      .l4_seq = 100,
				      .tcp_flags = 2,
				      .ip_id = 9};
	struct witness others[] = {first, first, first, first, first, first, first, first, first};
	_cleanup_world_ struct world w;

	others[0].reverse = true;
	others[1].has_l4 = false;
	others[2].l4 = IPPROTO_UDP;
	others[3].sport++;
	others[4].dport++;
	others[5].l4_seq++;
	others[6].tcp_flags = 16;
	others[7].ip_id++;
	others[8].frag_off++;
	world_init(&w);
	world_add(&w, &first);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		world_add(&w, &others[i]);
		cr_expect_eq(w.flow.n_packets, i + 2, "case %zu", i);
	}
	world_add(&w, &first);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		world_add(&w, &others[i]);
	cr_expect_eq(w.flow.n_packets, ARRAY_SIZE(others) + 1, "found again");
}

/* The kernel builds an echo's reply in place, and gives it its identification late. */
Test(flow, an_echo_is_known_without_its_identification)
{
	static const uint8_t echoes[] = {IPPROTO_ICMP, IPPROTO_ICMPV6};

	for (size_t i = 0; i < ARRAY_SIZE(echoes); i++) {
		struct witness e = {.has_l4 = true, .l4 = echoes[i], .sport = PING_ID, .dport = 1, .ip_id = 4};
		_cleanup_world_ struct world w;

		world_init(&w);
		world_add(&w, &e);
		e.ip_id = 5;
		world_add(&w, &e);
		cr_expect_eq(w.flow.n_packets, 1);
		e.has_l4 = false; /* its later fragments have nothing else */
		world_add(&w, &e);
		e.ip_id = 4;
		world_add(&w, &e);
		cr_expect_eq(w.flow.n_packets, 3);
	}
}

Test(flow, an_echo_with_another_id_is_not_ours)
{
	_cleanup_world_ struct world w;
	struct witness e;

	world_init(&w);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_XMIT, 2, 0});
	e.sport = PING_ID + 1;
	world_add(&w, &e);
	cr_expect_eq(w.flow.n_packets, 1, "watching, all echoes count");
	w.flow.setup.pings_sent = 1;
	w.flow.setup.ping_id = PING_ID;
	e.dport = 2;
	world_add(&w, &e);
	cr_expect_eq(w.flow.n_packets, 1);
	cr_expect_eq(w.flow.foreign, 1);
	e.sport = PING_ID;
	world_add(&w, &e);
	cr_expect_eq(w.flow.n_packets, 2);
	e.has_l4 = false; /* ours are never fragmented */
	e.sport = e.dport = 0;
	world_add(&w, &e);
	cr_expect_eq(w.flow.n_packets, 2);
	cr_expect_eq(w.flow.foreign, 2);
}

Test(flow, arrivals_are_counted_per_leg)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_peer);
	walk(&w, LEG_REQUEST, 2, way_peer);
	walk(&w, LEG_REPLY, 1, way_peer);
	walk_part(&w, LEG_REPLY, 2, way_peer, 3);
	cr_expect_eq(flow_arrived(&w.flow, LEG_REQUEST), 2);
	cr_expect_eq(flow_arrived(&w.flow, LEG_REPLY), 1);
}

Test(flow, files_many_packets_and_counts_what_it_cannot_file)
{
	_cleanup_world_ struct world w;
	struct witness e = {.hook = ST_HOOK_XMIT, .has_l4 = true, .l4 = IPPROTO_ICMP, .netns = NS_POD1, .ifindex = 2};

	world_init(&w);
	for (unsigned i = 0; i < FLOW_MAX_PACKETS; i++) {
		e.dport = i;
		cr_assert_eq(flow_add(&w.flow, &e), 0);
	}
	cr_expect_eq(w.flow.n_packets, FLOW_MAX_PACKETS);
	cr_expect_eq(w.flow.overflow, 0);
	e.dport = 0; /* known ones still are */
	cr_assert_eq(flow_add(&w.flow, &e), 0);
	cr_expect_eq(w.flow.overflow, 0);
	e.sport = 1;
	cr_assert_eq(flow_add(&w.flow, &e), 0);
	cr_assert_eq(flow_add(&w.flow, &e), 0);
	cr_expect_eq(w.flow.n_packets, FLOW_MAX_PACKETS);
	cr_expect_eq(w.flow.overflow, 2);
}

/* --- packets under way when the probes were armed, or when the check ends --- */

Test(flow, a_packet_without_a_beginning_right_after_arming_is_left_out)
{
	_cleanup_world_ struct world w;
	struct leg_result l;

	world_init(&w);
	w.flow.setup.armed_ns = w.now_ns - 1;
	walk(&w, LEG_REQUEST, 1, way_peer + 1);
	walk(&w, LEG_REQUEST, 2, way_peer);
	l = leg_of(&w, LEG_REQUEST);
	cr_expect_eq(l.early, 1);
	cr_expect_eq(l.packets, 1);
	cr_expect_eq(l.arrived, 1);
	cr_expect_eq(l.points[POINT_DST_POD].packets, 1);
	cr_expect_eq(flow_arrived(&w.flow, LEG_REQUEST), 1);
}

Test(flow, later_a_packet_without_a_beginning_counts)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	w.flow.setup.armed_ns = 1;
	w.now_ns = 1 + FLOW_EARLY_NS;
	walk(&w, LEG_REPLY, 1, way_peer + 1);
	cr_expect_eq(leg_of(&w, LEG_REPLY).early, 0);
	cr_expect_eq(leg_of(&w, LEG_REPLY).arrived, 1);
	w.now_ns = FLOW_EARLY_NS;
	walk(&w, LEG_REPLY, 2, way_peer + 1);
	cr_expect_eq(leg_of(&w, LEG_REPLY).early, 1);
}

/* Captures are complete from their first packet on. */
Test(flow, without_a_time_of_arming_nothing_is_early)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_peer + 1);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).early, 0);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).packets, 1);
}

/* Left out for what is missing, never for what was seen. */
Test(flow, an_early_packet_on_the_veth_to_be_skipped_counts)
{
	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		_cleanup_world_ struct world w;

		world_init(&w);
		w.flow.setup.armed_ns = w.now_ns - 1;
		walk(&w, leg, 1, way_host_stack + 1);
		cr_expect_eq(leg_of(&w, leg).points[leg_forbidden(leg)].packets, 1);
		cr_expect_eq(leg_of(&w, leg).early, 0);
	}
}

Test(flow, frozen_it_completes_what_it_knows_and_files_nothing_new)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk_part(&w, LEG_REQUEST, 1, way_peer, 2);
	cr_expect_eq(flow_under_way(&w.flow), 1);
	w.flow.frozen = true;
	walk(&w, LEG_REQUEST, 2, way_peer);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).packets, 1);
	cr_expect_eq(w.flow.overflow, 0);
	walk(&w, LEG_REQUEST, 1, way_peer + 2);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).arrived, 1);
	cr_expect_eq(flow_under_way(&w.flow), 0);
}

Test(flow, under_way_is_what_neither_arrived_nor_died)
{
	_cleanup_world_ struct world w;
	struct witness e;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_peer);
	walk_part(&w, LEG_REPLY, 1, way_peer, 1);
	walk_part(&w, LEG_REQUEST, 2, way_peer, 2);
	cr_expect_eq(flow_under_way(&w.flow), 2);
	e = echo_at(&w, LEG_REQUEST, 2, &(struct way_step){ST_HOOK_DROP, 1, 0});
	world_add(&w, &e);
	cr_expect_eq(flow_under_way(&w.flow), 1);
	w.flow.setup.armed_ns = 1; /* an early one is not waited for */
	walk_part(&w, LEG_REQUEST, 3, way_peer + 1, 1);
	cr_expect_eq(flow_under_way(&w.flow), 1);
}

Test(flow, data_is_payload_that_arrived)
{
	struct witness e = {.hook = ST_HOOK_RECEIVE, .has_l4 = true, .l4 = IPPROTO_TCP, .sport = 40000, .dport = 443};
	_cleanup_world_ struct world w;

	world_init(&w);
	e.netns = NS_POD2;
	e.ifindex = 2;
	world_add(&w, &e); /* the handshake */
	cr_expect_not(flow_data_arrived(&w.flow));
	e.payload_bytes = 1;
	e.l4_seq = 1;
	e.netns = NS_HOST;
	e.ifindex = 21;
	world_add(&w, &e);
	cr_expect_not(flow_data_arrived(&w.flow));
	e.netns = NS_POD2;
	e.ifindex = 2;
	world_add(&w, &e);
	cr_expect(flow_data_arrived(&w.flow));
	e.payload_bytes = 0; /* a hook that did not see the length takes nothing back */
	world_add(&w, &e);
	cr_expect(flow_data_arrived(&w.flow));
	w.flow.packets[1].early = true;
	cr_expect_not(flow_data_arrived(&w.flow));
}

/* --- an echo id that NAT rewrites on the way --- */

/* The rest of a way, under another id and in another skb or the same. */
static void walk_as(struct world *w, enum leg leg, const struct way_step *way, uint16_t id, uint64_t skb)
{
	for (size_t i = 0; way[i].hook != ST_HOOK_MAX; i++) {
		struct witness e = echo_at(w, leg, 1, &way[i]);

		e.sport = id;
		e.skb = skb;
		world_add(w, &e);
	}
}

static void ping_world(struct world *w)
{
	world_init(w);
	w->flow.setup.ping_id = PING_ID;
	w->flow.setup.pings_sent = 1;
}

Test(flow, an_id_rewritten_on_the_way_is_the_same_packet)
{
	_cleanup_world_ struct world w;

	ping_world(&w);
	walk_part(&w, LEG_REQUEST, 1, way_peer, 2);
	walk_as(&w, LEG_REQUEST, way_peer + 2, 4711, w.flow.packets[0].skb);
	cr_expect_eq(w.flow.n_packets, 1);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).arrived, 1);
	walk_as(&w, LEG_REPLY, way_peer, 4711, 0xffff888000099000); /* the reply bears the new id from its start */
	cr_expect_eq(leg_of(&w, LEG_REPLY).arrived, 1);
	cr_expect_eq(w.flow.foreign, 0);
	walk_as(&w, LEG_REPLY, way_peer, 9999, 0xffff88800009a000); /* a third id is still nobody's */
	cr_expect_eq(w.flow.foreign, 5);
}

/* The host's NAT: the new id shows first where the packet leaves for the other pod, which is no new beginning. */
Test(flow, an_id_rewritten_on_the_host_is_the_same_packet)
{
	_cleanup_world_ struct world w;

	ping_world(&w);
	walk_part(&w, LEG_REQUEST, 1, way_host_stack, 5);
	walk_as(&w, LEG_REQUEST, way_host_stack + 5, 4711, w.flow.packets[0].skb);
	cr_expect_eq(w.flow.n_packets, 1);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).arrived, 1);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).points[POINT_DST_HOST].packets, 1);
}

Test(flow, another_id_in_another_skb_is_another_packet)
{
	_cleanup_world_ struct world w;

	ping_world(&w);
	walk_part(&w, LEG_REQUEST, 1, way_peer, 2);
	walk_as(&w, LEG_REQUEST, way_peer + 2, 4711, 0xffff888000099000);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).arrived, 0);
	cr_expect_eq(w.flow.foreign, 3);
}

/* Captures know no skb. */
Test(flow, an_unknown_skb_is_nobodys)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk_as(&w, LEG_REQUEST, (struct way_step[]){way_peer[0], WAY_END}, PING_ID, 0);
	walk_as(&w, LEG_REQUEST, (struct way_step[]){way_peer[1], WAY_END}, 4711, 0);
	cr_expect_eq(w.flow.n_packets, 2);
}

/* A foreign ping of the same sequence number gets the address of an skb in which ours was last seen. */
Test(flow, a_packet_that_starts_in_a_reused_skb_is_another_one)
{
	_cleanup_world_ struct world w;

	ping_world(&w);
	walk_part(&w, LEG_REQUEST, 1, way_peer, 2);
	walk_as(&w, LEG_REQUEST, way_peer, 4711, w.flow.packets[0].skb);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).packets, 1);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).arrived, 0);
	cr_expect_eq(w.flow.foreign, 5);
}

Test(flow, a_finished_or_dead_packets_skb_is_free_for_others)
{
	_cleanup_world_ struct world w;
	struct witness e;

	ping_world(&w);
	walk(&w, LEG_REQUEST, 1, way_peer);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_RECEIVE, 1, 0});
	e.sport = 4711;
	world_add(&w, &e);
	cr_expect_eq(w.flow.foreign, 1);
	walk_part(&w, LEG_REQUEST, 2, way_peer, 2);
	e = echo_at(&w, LEG_REQUEST, 2, &(struct way_step){ST_HOOK_DROP, 1, 0});
	world_add(&w, &e);
	e.hook = ST_HOOK_RECEIVE;
	e.sport = 4711;
	world_add(&w, &e);
	cr_expect_eq(w.flow.foreign, 2);
}

Test(flow, a_rewritten_id_does_not_cross_legs_or_sequences)
{
	_cleanup_world_ struct world w;
	struct witness e;

	ping_world(&w);
	walk_part(&w, LEG_REQUEST, 1, way_peer, 2);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_RECEIVE, 1, 0});
	e.sport = 4711;
	e.dport = 2;
	world_add(&w, &e);
	e = echo_at(&w, LEG_REPLY, 1, &(struct way_step){ST_HOOK_RECEIVE, 1, 0});
	e.skb = w.flow.packets[0].skb;
	e.sport = 4711;
	world_add(&w, &e);
	cr_expect_eq(w.flow.foreign, 2);
	cr_expect_eq(w.flow.n_packets, 1);
}

Test(flow, may_be_freed_twice)
{
	struct world w;

	world_init(&w);
	walk_both(&w, 1, way_peer);
	world_clear(&w);
	world_clear(&w);
	cr_expect_eq(w.flow.n_packets, 0);
}
