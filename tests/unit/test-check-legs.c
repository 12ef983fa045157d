/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet's way: where it was seen, what carried it, where it ended; and the sums per leg. */
#include <criterion/criterion.h>

#include "ways.h"

static enum mechanism mechanism_of(const struct way_step *way)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, LEG_REPLY, 1, way);
	return leg_of(&w, LEG_REPLY).mechanism;
}

Test(legs, names_what_carried_a_packet)
{
	cr_expect_eq(mechanism_of(way_peer), MECH_REDIRECT_PEER);
	cr_expect_eq(mechanism_of(way_redirect), MECH_REDIRECT);
	cr_expect_eq(mechanism_of(way_host_stack), MECH_HOST_STACK);
	cr_expect_eq(mechanism_of(way_bridge), MECH_BRIDGE);
	cr_expect_eq(mechanism_of(way_netkit), MECH_NETKIT);
}

Test(legs, either_sign_of_redirect_peer_is_enough)
{
	for (size_t gone = 3; gone <= 4; gone++) {
		_cleanup_world_ struct world w;

		world_init(&w);
		walk_without(&w, LEG_REQUEST, 1, way_peer, gone);
		cr_expect_eq(leg_of(&w, LEG_REQUEST).mechanism, MECH_REDIRECT_PEER);
	}
}

/* -EAGAIN onto another device, or IP input received elsewhere, is some other redirect. */
Test(legs, redirect_peer_to_another_device_is_not_that_of_the_leg)
{
	static const struct way_step elsewhere[WAY_MAX] = {
		{ST_HOOK_XMIT, 0, 0},	{ST_HOOK_PEER, 0, 0},	 {ST_HOOK_PEER, 1, 0},
		{ST_HOOK_PEER, 2, 0},	{ST_HOOK_IP_RCV, 3, 0},	 {ST_HOOK_IP_RCV, 3, 2},
		{ST_HOOK_IP_RCV, 1, 1}, {ST_HOOK_RECEIVE, 3, 0}, WAY_END,
	};

	cr_expect_eq(mechanism_of(elsewhere), MECH_UNKNOWN);
}

Test(legs, forwarding_counts_in_the_hosts_namespace_only)
{
	static const struct way_step in_pod[WAY_MAX] = {
		{ST_HOOK_XMIT, 0, 0},
		{ST_HOOK_RECEIVE, 3, 0},
		{ST_HOOK_FORWARD, 3, 0},
		{ST_HOOK_NETFILTER, 3, 0},
		WAY_END,
	};
	_cleanup_world_ struct world w;

	cr_expect_eq(mechanism_of(in_pod), MECH_UNKNOWN);
	world_init(&w);
	walk(&w, LEG_REQUEST, 1, in_pod);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).netfilter_hooks, 0);
	walk(&w, LEG_REQUEST, 2, way_host_stack);
	walk(&w, LEG_REQUEST, 3, way_host_stack);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).netfilter_hooks, 2);
	cr_expect_eq(leg_of(&w, LEG_REPLY).netfilter_hooks, 0);
}

Test(legs, a_leg_has_one_name_only_if_all_its_packets_came_one_way)
{
	_cleanup_world_ struct world w;
	struct leg_result l;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_host_stack);
	walk(&w, LEG_REQUEST, 2, way_peer);
	l = leg_of(&w, LEG_REQUEST);
	cr_expect_eq(l.mechanism, MECH_UNKNOWN);
	cr_expect_eq(l.by_mechanism[MECH_HOST_STACK], 1);
	cr_expect_eq(l.by_mechanism[MECH_REDIRECT_PEER], 1);
	cr_expect_eq(l.by_mechanism[MECH_UNKNOWN], 0);
	cr_expect_eq(l.arrived, 2);
}

Test(legs, an_empty_leg_has_no_mechanism)
{
	_cleanup_world_ struct world w;
	struct leg_result l;

	world_init(&w);
	l = leg_of(&w, LEG_REQUEST);
	cr_expect_eq(l.mechanism, MECH_UNKNOWN);
	cr_expect_eq(l.packets, 0);
	cr_expect_not(l.has_helper);
}

/* The table of a leg: packets per point and the time of the first. */
Test(legs, counts_packets_per_point_not_records)
{
	_cleanup_world_ struct world w;
	struct leg_result l;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_peer);
	walk(&w, LEG_REQUEST, 2, way_peer);
	l = leg_of(&w, LEG_REQUEST);
	cr_expect_eq(l.packets, 2);
	cr_expect_eq(l.points[POINT_SRC_POD].packets, 2);
	cr_expect_eq(l.points[POINT_SRC_POD].first_ns, 1000000);
	cr_expect_eq(l.points[POINT_SRC_HOST].packets, 2);
	cr_expect_eq(l.points[POINT_SRC_HOST].first_ns, 1001000);
	cr_expect_eq(l.points[POINT_DST_HOST].packets, 0);
	cr_expect_eq(l.points[POINT_DST_POD].packets, 2);
	cr_expect_eq(l.points[POINT_DST_POD].first_ns, 1003000);
	cr_expect_eq(leg_of(&w, LEG_REPLY).packets, 0);
}

Test(legs, the_first_time_of_a_point_is_the_earliest_of_all_packets)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_peer);
	w.now_ns = 500;
	walk(&w, LEG_REQUEST, 2, way_peer);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).points[POINT_SRC_POD].first_ns, 500);
}

Test(legs, an_interface_is_a_namespace_and_an_index)
{
	_cleanup_world_ struct world w;
	struct witness e;

	world_init(&w);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_XMIT, 0, 0});
	world_add(&w, &e);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).points[POINT_DST_POD].packets, 0, "the pods' eth0 have one ifindex");
	e.netns = NS_HOST; /* ifindex 2 of the host */
	world_add(&w, &e);
	e.netns = NS_POD2;
	e.ifindex = 21;
	world_add(&w, &e);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).points[POINT_SRC_HOST].packets, 0);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).points[POINT_DST_POD].packets, 0);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).packets, 1);
}

/* Four captures leave a point open until its file is read: an unknown device is nowhere. */
Test(legs, an_unknown_device_is_at_no_point)
{
	_cleanup_world_ struct world w;
	struct witness e;

	world_init(&w);
	w.flow.setup.points[POINT_DST_HOST] = (struct iface){0};
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_XMIT, 2, 0});
	cr_assert_eq(e.ifindex, 0);
	world_add(&w, &e);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).points[POINT_DST_HOST].packets, 0);
}

Test(legs, only_what_a_capture_would_show_is_a_sighting)
{
	static const bool sighting[ST_HOOK_MAX] = {
		[ST_HOOK_XMIT] = true,	 [ST_HOOK_RECEIVE] = true, [ST_HOOK_PEER] = true,
		[ST_HOOK_IP_RCV] = true, [ST_HOOK_NETKIT] = true,  [ST_HOOK_VETH] = true,
	};

	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++) {
		_cleanup_world_ struct world w;
		struct witness e;

		world_init(&w);
		e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){h, 2, 2});
		world_add(&w, &e);
		cr_expect_eq(leg_of(&w, LEG_REQUEST).points[POINT_DST_HOST].packets, sighting[h], "hook %u", h);
		cr_expect_eq(leg_of(&w, LEG_REQUEST).packets, 1, "hook %u", h);
	}
}

Test(legs, remembers_the_helper_that_was_called_last)
{
	_cleanup_world_ struct world w;
	struct witness e;
	struct leg_result l;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_peer);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_REDIRECT, 1, 0});
	world_add(&w, &e); /* a redirect of which the helper is not known */
	l = leg_of(&w, LEG_REQUEST);
	cr_expect(l.has_helper);
	cr_expect_eq(l.helper, ST_HELPER_REDIRECT_PEER);
	cr_expect_eq(l.helper_ifindex, 22);
	cr_expect_not(leg_of(&w, LEG_REPLY).has_helper);
	walk(&w, LEG_REPLY, 1, way_redirect);
	l = leg_of(&w, LEG_REPLY);
	cr_expect(l.has_helper);
	cr_expect_eq(l.helper, ST_HELPER_REDIRECT);
	cr_expect_eq(l.helper_ifindex, 21);
}

Test(legs, a_drop_before_arrival_is_remembered_with_its_place)
{
	_cleanup_world_ struct world w;
	struct witness e;
	struct leg_result l;

	world_init(&w);
	walk_part(&w, LEG_REQUEST, 1, way_peer, 2);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_DROP, 1, 0});
	e.location = 0xffffffff81234567;
	e.has_reason = true;
	e.drop_reason = 16;
	world_add(&w, &e);
	l = leg_of(&w, LEG_REQUEST);
	cr_expect_eq(l.dropped, 1);
	cr_expect_eq(l.drop.location, 0xffffffff81234567);
	cr_expect_eq(l.drop.drop_reason, 16);
	cr_expect_eq(l.last_point, POINT_SRC_HOST);
	cr_expect_eq(l.arrived, 0);
}

/* ping's own socket frees the reply it has read as a drop: an end after arrival is told apart. */
Test(legs, a_drop_after_arrival_is_a_late_one)
{
	_cleanup_world_ struct world w;
	struct witness e;

	world_init(&w);
	walk(&w, LEG_REPLY, 1, way_peer);
	e = echo_at(&w, LEG_REPLY, 1, &(struct way_step){ST_HOOK_DROP, 3, 0});
	world_add(&w, &e);
	cr_expect_eq(leg_of(&w, LEG_REPLY).dropped, 0);
	cr_expect_eq(leg_of(&w, LEG_REPLY).dropped_late, 1);
	cr_expect_eq(leg_of(&w, LEG_REPLY).arrived, 1);
}

/* One of two copies of a packet (a bridge floods, a tap clones) may be freed on the way: the packet still arrived. */
Test(legs, a_packet_that_arrived_was_not_dropped)
{
	_cleanup_world_ struct world w;
	struct witness e;

	world_init(&w);
	walk_part(&w, LEG_REQUEST, 1, way_bridge, 2);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_DROP, 1, 0});
	world_add(&w, &e);
	walk(&w, LEG_REQUEST, 1, way_bridge);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).arrived, 1);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).dropped, 0);
}

Test(legs, the_place_of_an_end_is_that_of_the_packet_that_came_least_far)
{
	static const struct way_step crossed[WAY_MAX] = {{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_XMIT, 2, 0}, WAY_END};
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, LEG_REPLY, 1, crossed);
	cr_expect_eq(leg_of(&w, LEG_REPLY).last_point, POINT_SRC_HOST);
	walk_part(&w, LEG_REPLY, 2, way_peer, 1);
	cr_expect_eq(leg_of(&w, LEG_REPLY).last_point, POINT_DST_POD);
	walk_part(&w, LEG_REPLY, 3, way_peer, 2);
	walk(&w, LEG_REPLY, 4, way_peer);
	cr_expect_eq(leg_of(&w, LEG_REPLY).last_point, POINT_DST_POD);
}

/* Each record adds what it saw: a later one of the same hook elsewhere takes nothing back. */
Test(legs, evidence_is_kept)
{
	static const struct {
		struct way_step way[WAY_MAX];
		enum mechanism mechanism;
	} cases[] = {
		{{{ST_HOOK_PEER, 3, 0}, {ST_HOOK_PEER, 1, 0}, WAY_END}, MECH_REDIRECT_PEER},
		{{{ST_HOOK_IP_RCV, 3, 1}, {ST_HOOK_IP_RCV, 3, 3}, WAY_END}, MECH_REDIRECT_PEER},
		{{{ST_HOOK_FORWARD, 1, 0}, {ST_HOOK_FORWARD, 3, 0}, {ST_HOOK_RECEIVE, 3, 0}, WAY_END}, MECH_HOST_STACK},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(mechanism_of(cases[i].way), cases[i].mechanism, "case %zu", i);
}

/* A hook says one thing, and nothing of what the next one would. */
Test(legs, a_hook_says_nothing_more_than_it_saw)
{
	_cleanup_world_ struct world w;
	struct witness e;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_netkit);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).netfilter_hooks, 0);
	walk_part(&w, LEG_REPLY, 1, way_host_stack, 4);
	cr_expect_eq(leg_of(&w, LEG_REPLY).netfilter_hooks, 1);
	cr_expect_eq(leg_of(&w, LEG_REPLY).dropped, 0);
	cr_expect_eq(flow_under_way(&w.flow), 1);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_NETFILTER, 3, 0});
	world_add(&w, &e);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).dropped_late, 0);
}

/* A large segment passes the hooks of its pod whole, and is cut before it is sent. */
Test(legs, what_only_netfilter_met_in_its_pod_was_not_sent)
{
	_cleanup_world_ struct world w;
	struct witness e;

	world_init(&w);
	w.flow.setup.armed_ns = 1;
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_NETFILTER, 0, 0});
	world_add(&w, &e);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).packets, 0);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).early, 0);
	cr_expect_eq(flow_under_way(&w.flow), 0);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_XMIT, 0, 0});
	world_add(&w, &e);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).packets, 1);
	cr_expect_eq(flow_under_way(&w.flow), 1);
}

Test(legs, what_netfilter_met_elsewhere_is_under_way)
{
	_cleanup_world_ struct world w;
	struct witness e;

	world_init(&w);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_NETFILTER, 1, 0});
	world_add(&w, &e);
	cr_expect_eq(leg_of(&w, LEG_REQUEST).packets, 1);
	cr_expect_eq(flow_under_way(&w.flow), 1);
}
