/* SPDX-License-Identifier: GPL-2.0-only */
/* Filing: which packet a hook event belongs to, and which packets count. */
#include <criterion/criterion.h>

#include "hook_paths.h"

/* What makes two hook events those of different packets: each of these alone. */
Test(evidence_table, packets_differ_by_what_no_hop_changes)
{
	const struct hook_event first = {.hook = ST_HOOK_XMIT,
					 .has_l4 = true,
					 .l4 = IPPROTO_TCP,
					 .sport = 40000,
					 .dport = 443,
					 .l4_seq = 100,
					 .tcp_flags = 2,
					 .ip_id = 9};
	struct hook_event others[] = {first, first, first, first, first, first, first, first, first};
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
		cr_expect_eq(w.evidence.n_packets, i + 2, "case %zu", i);
	}
	world_add(&w, &first);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		world_add(&w, &others[i]);
	cr_expect_eq(w.evidence.n_packets, ARRAY_SIZE(others) + 1, "found again");
}

/* The kernel builds an echo's reply in place, and gives it its identification late. */
Test(evidence_table, an_echo_is_known_without_its_identification)
{
	static const uint8_t echoes[] = {IPPROTO_ICMP, IPPROTO_ICMPV6};

	for (size_t i = 0; i < ARRAY_SIZE(echoes); i++) {
		struct hook_event e = {.has_l4 = true, .l4 = echoes[i], .sport = PING_ID, .dport = 1, .ip_id = 4};
		_cleanup_world_ struct world w;

		world_init(&w);
		world_add(&w, &e);
		e.ip_id = 5;
		world_add(&w, &e);
		cr_expect_eq(w.evidence.n_packets, 1);
		e.has_l4 = false; /* its later fragments have nothing else */
		world_add(&w, &e);
		e.ip_id = 4;
		world_add(&w, &e);
		cr_expect_eq(w.evidence.n_packets, 3);
	}
}

Test(evidence_table, an_echo_with_another_id_is_not_ours)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	world_init(&w);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_XMIT, 2, 0});
	e.sport = PING_ID + 1;
	world_add(&w, &e);
	cr_expect_eq(w.evidence.n_packets, 1, "watching, all echoes count");
	w.evidence.setup.pings_sent = 1;
	w.evidence.setup.ping_id = PING_ID;
	e.dport = 2;
	world_add(&w, &e);
	cr_expect_eq(w.evidence.n_packets, 1);
	cr_expect_eq(w.evidence.foreign, 1);
	e.sport = PING_ID;
	world_add(&w, &e);
	cr_expect_eq(w.evidence.n_packets, 2);
	e.has_l4 = false; /* ours are never fragmented */
	e.sport = e.dport = 0;
	world_add(&w, &e);
	cr_expect_eq(w.evidence.n_packets, 2);
	cr_expect_eq(w.evidence.foreign, 2);
}

Test(evidence_table, arrivals_are_counted_per_leg)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	walk(&w, DIRECTION_REQUEST, 2, hook_path_peer);
	walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
	walk_part(&w, DIRECTION_REPLY, 2, hook_path_peer, 3);
	cr_expect_eq(evidence_table_arrived(&w.evidence, DIRECTION_REQUEST), 2);
	cr_expect_eq(evidence_table_arrived(&w.evidence, DIRECTION_REPLY), 1);
}

Test(evidence_table, files_many_packets_and_counts_what_it_cannot_file)
{
	_cleanup_world_ struct world w;
	struct hook_event e = {
		.hook = ST_HOOK_XMIT, .has_l4 = true, .l4 = IPPROTO_ICMP, .netns = NS_POD1, .ifindex = 2};

	world_init(&w);
	for (unsigned i = 0; i < EVIDENCE_TABLE_MAX_PACKETS; i++) {
		e.dport = i;
		e.skb = i + 1;
		cr_assert_eq(evidence_table_add(&w.evidence, &e), 0);
	}
	cr_expect_eq(w.evidence.n_packets, EVIDENCE_TABLE_MAX_PACKETS);
	cr_expect_eq(w.evidence.overflow, 0);
	e.dport = 0; /* known ones still are */
	e.skb = 1;
	e.hook = ST_HOOK_VETH;
	cr_assert_eq(evidence_table_add(&w.evidence, &e), 0);
	cr_expect_eq(w.evidence.overflow, 0);
	e.hook = ST_HOOK_XMIT;
	e.sport = 1;
	cr_assert_eq(evidence_table_add(&w.evidence, &e), 0);
	cr_assert_eq(evidence_table_add(&w.evidence, &e), 0);
	cr_expect_eq(w.evidence.n_packets, EVIDENCE_TABLE_MAX_PACKETS);
	cr_expect_eq(w.evidence.overflow, 2);
}

/* --- packets under way when the programs were attached, or when the check ends --- */

Test(evidence_table, a_packet_without_a_beginning_right_after_arming_is_left_out)
{
	_cleanup_world_ struct world w;
	struct direction_result l;

	world_init(&w);
	w.evidence.setup.attached_ns = w.now_ns - 1;
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer + 1);
	walk(&w, DIRECTION_REQUEST, 2, hook_path_peer);
	l = direction_of(&w, DIRECTION_REQUEST);
	cr_expect_eq(l.early, 1);
	cr_expect_eq(l.packets, 1);
	cr_expect_eq(l.arrived, 1);
	cr_expect_eq(l.points[POINT_DST_POD].packets, 1);
	cr_expect_eq(evidence_table_arrived(&w.evidence, DIRECTION_REQUEST), 1);
}

Test(evidence_table, later_a_packet_without_a_beginning_counts)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	w.evidence.setup.attached_ns = 1;
	w.now_ns = 1 + EVIDENCE_TABLE_EARLY_NS;
	walk(&w, DIRECTION_REPLY, 1, hook_path_peer + 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).early, 0);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).arrived, 1);
	w.now_ns = EVIDENCE_TABLE_EARLY_NS;
	walk(&w, DIRECTION_REPLY, 2, hook_path_peer + 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).early, 1);
}

/* Captures are complete from their first packet on. */
Test(evidence_table, without_a_time_of_arming_nothing_is_early)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer + 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).early, 0);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).packets, 1);
}

/* Left out for what is missing, never for what was seen. */
Test(evidence_table, an_early_packet_on_the_veth_to_be_skipped_counts)
{
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		_cleanup_world_ struct world w;

		world_init(&w);
		w.evidence.setup.attached_ns = w.now_ns - 1;
		walk(&w, dir, 1, hook_path_host_stack + 1);
		cr_expect_eq(direction_of(&w, dir).points[direction_forbidden(dir)].packets, 1);
		cr_expect_eq(direction_of(&w, dir).early, 0);
	}
}

Test(evidence_table, frozen_it_completes_what_it_knows_and_files_nothing_new)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk_part(&w, DIRECTION_REQUEST, 1, hook_path_peer, 2);
	cr_expect_eq(evidence_table_under_way(&w.evidence), 1);
	w.evidence.frozen = true;
	walk(&w, DIRECTION_REQUEST, 2, hook_path_peer);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).packets, 1);
	cr_expect_eq(w.evidence.overflow, 0);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer + 2);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).arrived, 1);
	cr_expect_eq(evidence_table_under_way(&w.evidence), 0);
}

Test(evidence_table, under_way_is_what_neither_arrived_nor_died)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	walk_part(&w, DIRECTION_REPLY, 1, hook_path_peer, 1);
	walk_part(&w, DIRECTION_REQUEST, 2, hook_path_peer, 2);
	cr_expect_eq(evidence_table_under_way(&w.evidence), 2);
	e = echo_at(&w, DIRECTION_REQUEST, 2, &(struct hook_path_step){ST_HOOK_DROP, 1, 0});
	world_add(&w, &e);
	cr_expect_eq(evidence_table_under_way(&w.evidence), 1);
	w.evidence.setup.attached_ns = 1; /* an early one is not waited for */
	walk_part(&w, DIRECTION_REQUEST, 3, hook_path_peer + 1, 1);
	cr_expect_eq(evidence_table_under_way(&w.evidence), 1);
}

Test(evidence_table, data_is_payload_that_arrived)
{
	struct hook_event e = {
		.hook = ST_HOOK_RECEIVE, .has_l4 = true, .l4 = IPPROTO_TCP, .sport = 40000, .dport = 443};
	_cleanup_world_ struct world w;

	world_init(&w);
	e.netns = NS_POD2;
	e.ifindex = 2;
	world_add(&w, &e); /* the handshake */
	cr_expect_not(evidence_table_data_arrived(&w.evidence));
	e.payload_bytes = 1;
	e.l4_seq = 1;
	e.netns = NS_HOST;
	e.ifindex = 21;
	world_add(&w, &e);
	cr_expect_not(evidence_table_data_arrived(&w.evidence));
	e.netns = NS_POD2;
	e.ifindex = 2;
	world_add(&w, &e);
	cr_expect(evidence_table_data_arrived(&w.evidence));
	e.payload_bytes = 0; /* a hook that did not see the length takes nothing back */
	world_add(&w, &e);
	cr_expect(evidence_table_data_arrived(&w.evidence));
	w.evidence.packets[1].early = true;
	cr_expect_not(evidence_table_data_arrived(&w.evidence));
}

/* --- an echo id that NAT rewrites on the way --- */

/* The rest of a path, under another id and in another skb or the same. */
static void walk_as(struct world *w, enum direction dir, const struct hook_path_step *path, uint16_t id, uint64_t skb)
{
	for (size_t i = 0; path[i].hook != ST_HOOK_MAX; i++) {
		struct hook_event e = echo_at(w, dir, 1, &path[i]);

		e.sport = id;
		e.skb = skb;
		world_add(w, &e);
	}
}

static void ping_world(struct world *w)
{
	world_init(w);
	w->evidence.setup.ping_id = PING_ID;
	w->evidence.setup.pings_sent = 1;
}

Test(evidence_table, an_id_rewritten_on_the_way_is_the_same_packet)
{
	_cleanup_world_ struct world w;

	ping_world(&w);
	walk_part(&w, DIRECTION_REQUEST, 1, hook_path_peer, 2);
	walk_as(&w, DIRECTION_REQUEST, hook_path_peer + 2, 4711, w.evidence.packets[0].skb);
	cr_expect_eq(w.evidence.n_packets, 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).arrived, 1);
	walk_as(&w, DIRECTION_REPLY, hook_path_peer, 4711,
		0xffff888000099000); /* the reply bears the new id from its start */
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).arrived, 1);
	cr_expect_eq(w.evidence.foreign, 0);
	walk_as(&w, DIRECTION_REPLY, hook_path_peer, 9999, 0xffff88800009a000); /* a third id is still nobody's */
	cr_expect_eq(w.evidence.foreign, 5);
}

/* The host's NAT: the new id shows first where the packet leaves for the other pod, which is no new beginning. */
Test(evidence_table, an_id_rewritten_on_the_host_is_the_same_packet)
{
	_cleanup_world_ struct world w;

	ping_world(&w);
	walk_part(&w, DIRECTION_REQUEST, 1, hook_path_host_stack, 5);
	walk_as(&w, DIRECTION_REQUEST, hook_path_host_stack + 5, 4711, w.evidence.packets[0].skb);
	cr_expect_eq(w.evidence.n_packets, 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).arrived, 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).points[POINT_DST_HOST].packets, 1);
}

Test(evidence_table, another_id_in_another_skb_is_another_packet)
{
	_cleanup_world_ struct world w;

	ping_world(&w);
	walk_part(&w, DIRECTION_REQUEST, 1, hook_path_peer, 2);
	walk_as(&w, DIRECTION_REQUEST, hook_path_peer + 2, 4711, 0xffff888000099000);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).arrived, 0);
	cr_expect_eq(w.evidence.foreign, 3);
}

/* Captures know no skb. */
Test(evidence_table, an_unknown_skb_is_nobodys)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk_as(&w, DIRECTION_REQUEST, (struct hook_path_step[]){hook_path_peer[0], HOOK_PATH_END}, PING_ID, 0);
	walk_as(&w, DIRECTION_REQUEST, (struct hook_path_step[]){hook_path_peer[1], HOOK_PATH_END}, 4711, 0);
	cr_expect_eq(w.evidence.n_packets, 2);
}

/* A foreign ping of the same sequence number gets the address of an skb in which ours was last seen. */
Test(evidence_table, a_packet_that_starts_in_a_reused_skb_is_another_one)
{
	_cleanup_world_ struct world w;

	ping_world(&w);
	walk_part(&w, DIRECTION_REQUEST, 1, hook_path_peer, 2);
	walk_as(&w, DIRECTION_REQUEST, hook_path_peer, 4711, w.evidence.packets[0].skb);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).packets, 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).arrived, 0);
	cr_expect_eq(w.evidence.foreign, 5);
}

Test(evidence_table, a_finished_or_dead_packets_skb_is_free_for_others)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	ping_world(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_RECEIVE, 1, 0});
	e.sport = 4711;
	world_add(&w, &e);
	cr_expect_eq(w.evidence.foreign, 1);
	walk_part(&w, DIRECTION_REQUEST, 2, hook_path_peer, 2);
	e = echo_at(&w, DIRECTION_REQUEST, 2, &(struct hook_path_step){ST_HOOK_DROP, 1, 0});
	world_add(&w, &e);
	e.hook = ST_HOOK_RECEIVE;
	e.sport = 4711;
	world_add(&w, &e);
	cr_expect_eq(w.evidence.foreign, 2);
}

Test(evidence_table, a_rewritten_id_does_not_cross_legs_or_sequences)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	ping_world(&w);
	walk_part(&w, DIRECTION_REQUEST, 1, hook_path_peer, 2);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_RECEIVE, 1, 0});
	e.sport = 4711;
	e.dport = 2;
	world_add(&w, &e);
	e = echo_at(&w, DIRECTION_REPLY, 1, &(struct hook_path_step){ST_HOOK_RECEIVE, 1, 0});
	e.skb = w.evidence.packets[0].skb;
	e.sport = 4711;
	world_add(&w, &e);
	cr_expect_eq(w.evidence.foreign, 2);
	cr_expect_eq(w.evidence.n_packets, 1);
}

Test(evidence_table, may_be_freed_twice)
{
	struct world w;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	world_clear(&w);
	world_clear(&w);
	cr_expect_eq(w.evidence.n_packets, 0);
}
