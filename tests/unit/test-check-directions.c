/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet's path: where it was seen, what carried it, where it ended; and the sums per direction. */
#include <criterion/criterion.h>

#include "hook_paths.h"

static enum mechanism mechanism_of(const struct hook_path_step *path)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, DIRECTION_REPLY, 1, path);
	return direction_of(&w, DIRECTION_REPLY).mechanism;
}

Test(directions, names_what_carried_a_packet)
{
	cr_expect_eq(mechanism_of(hook_path_peer), MECH_REDIRECT_PEER);
	cr_expect_eq(mechanism_of(hook_path_redirect), MECH_REDIRECT);
	cr_expect_eq(mechanism_of(hook_path_host_stack), MECH_HOST_STACK);
	cr_expect_eq(mechanism_of(hook_path_bridge), MECH_BRIDGE);
	cr_expect_eq(mechanism_of(hook_path_netkit), MECH_NETKIT);
}

Test(directions, a_path_with_a_gap_proves_no_mechanism)
{
	for (size_t gone = 0; gone < 5; gone++) {
		_cleanup_world_ struct world w;

		world_init(&w);
		walk_without(&w, DIRECTION_REQUEST, 1, hook_path_peer, gone);
		cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).mechanism, MECH_UNKNOWN, "without %zu", gone);
		cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).misfit, sequence_of(MECH_REDIRECT_PEER)->steps[gone],
			     "without %zu", gone);
		cr_expect_not(direction_of(&w, DIRECTION_REQUEST).misfit_extra);
	}
}

/* -EAGAIN onto another device, or IP input received elsewhere, is some other redirect. */
Test(directions, redirect_peer_to_another_device_is_not_that_of_the_leg)
{
	static const struct hook_path_step elsewhere[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0},	{ST_HOOK_PEER, 0, 0},	 {ST_HOOK_PEER, 1, 0},
		{ST_HOOK_PEER, 2, 0},	{ST_HOOK_IP_RCV, 3, 0},	 {ST_HOOK_IP_RCV, 3, 2},
		{ST_HOOK_IP_RCV, 1, 1}, {ST_HOOK_RECEIVE, 3, 0}, HOOK_PATH_END,
	};

	cr_expect_eq(mechanism_of(elsewhere), MECH_MIXED);
}

/* The whole path but for one thing: IP says that the packet was received elsewhere, or the driver was entered twice. */
Test(directions, one_step_that_differs_makes_another_path)
{
	static const struct hook_path_step received_elsewhere[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_REDIRECT, 1, 0},
		{ST_HOOK_PEER, 3, 0}, {ST_HOOK_IP_RCV, 3, 2},  HOOK_PATH_END,
	};
	static const struct hook_path_step once[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_VETH, 0, 0},   {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_REDIRECT, 1, 0},
		{ST_HOOK_PEER, 3, 0}, {ST_HOOK_IP_RCV, 3, 1}, HOOK_PATH_END,
	};
	static const struct hook_path_step twice[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0},	  {ST_HOOK_VETH, 0, 0}, {ST_HOOK_VETH, 0, 0},	{ST_HOOK_RECEIVE, 1, 0},
		{ST_HOOK_REDIRECT, 1, 0}, {ST_HOOK_PEER, 3, 0}, {ST_HOOK_IP_RCV, 3, 1}, HOOK_PATH_END,
	};

	cr_expect_eq(mechanism_of(received_elsewhere), MECH_MIXED);
	cr_expect_eq(mechanism_of(once), MECH_REDIRECT_PEER);
	cr_expect_eq(mechanism_of(twice), MECH_MIXED);
}

/* What a program of the far pod takes away before IP was not carried there by another mechanism. */
Test(directions, what_is_taken_away_in_the_far_pod_is_not_carried_otherwise)
{
	static const struct hook_path_step swallowed[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0},	{ST_HOOK_REDIRECT, 1, 0},
		{ST_HOOK_PEER, 3, 0}, {ST_HOOK_REDIRECT, 3, 0}, HOOK_PATH_END,
	};
	static const struct hook_path_step delivered[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0},	{ST_HOOK_REDIRECT, 1, 0},
		{ST_HOOK_PEER, 3, 0}, {ST_HOOK_REDIRECT, 3, 0}, {ST_HOOK_IP_RCV, 3, 3},
		HOOK_PATH_END,
	};

	cr_expect_eq(mechanism_of(swallowed), MECH_UNKNOWN);
	cr_expect_eq(mechanism_of(delivered), MECH_MIXED);
}

Test(directions, forwarding_counts_in_the_hosts_namespace_only)
{
	static const struct hook_path_step in_pod[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0},	   {ST_HOOK_RECEIVE, 3, 0}, {ST_HOOK_FORWARD, 3, 0},
		{ST_HOOK_NETFILTER, 3, 0}, HOOK_PATH_END,
	};
	_cleanup_world_ struct world w;

	cr_expect_eq(mechanism_of(in_pod), MECH_UNKNOWN);
	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, in_pod);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).netfilter_hooks, 0);
	walk(&w, DIRECTION_REQUEST, 2, hook_path_host_stack);
	walk(&w, DIRECTION_REQUEST, 3, hook_path_host_stack);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).netfilter_hooks, 2);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).netfilter_hooks, 0);
}

Test(directions, a_leg_has_one_name_only_if_all_its_packets_came_one_way)
{
	_cleanup_world_ struct world w;
	struct direction_result l;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_host_stack);
	walk(&w, DIRECTION_REQUEST, 2, hook_path_peer);
	l = direction_of(&w, DIRECTION_REQUEST);
	cr_expect_eq(l.mechanism, MECH_UNKNOWN);
	cr_expect_eq(l.by_mechanism[MECH_HOST_STACK], 1);
	cr_expect_eq(l.by_mechanism[MECH_REDIRECT_PEER], 1);
	cr_expect_eq(l.by_mechanism[MECH_UNKNOWN], 0);
	cr_expect_eq(l.arrived, 2);
}

Test(directions, an_empty_leg_has_no_mechanism)
{
	_cleanup_world_ struct world w;
	struct direction_result l;

	world_init(&w);
	l = direction_of(&w, DIRECTION_REQUEST);
	cr_expect_eq(l.mechanism, MECH_UNKNOWN);
	cr_expect_eq(l.packets, 0);
	cr_expect_not(l.has_helper);
}

/* The table of a direction: packets per point and the time of the first. */
Test(directions, counts_packets_per_point_not_records)
{
	_cleanup_world_ struct world w;
	struct direction_result l;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	walk(&w, DIRECTION_REQUEST, 2, hook_path_peer);
	l = direction_of(&w, DIRECTION_REQUEST);
	cr_expect_eq(l.packets, 2);
	cr_expect_eq(l.points[POINT_SRC_POD].packets, 2);
	cr_expect_eq(l.points[POINT_SRC_POD].first_ns, 1000000);
	cr_expect_eq(l.points[POINT_SRC_HOST].packets, 2);
	cr_expect_eq(l.points[POINT_SRC_HOST].first_ns, 1001000);
	cr_expect_eq(l.points[POINT_DST_HOST].packets, 0);
	cr_expect_eq(l.points[POINT_DST_POD].packets, 2);
	cr_expect_eq(l.points[POINT_DST_POD].first_ns, 1003000);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).packets, 0);
}

Test(directions, the_first_time_of_a_point_is_the_earliest_of_all_packets)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	w.now_ns = 500;
	walk(&w, DIRECTION_REQUEST, 2, hook_path_peer);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).points[POINT_SRC_POD].first_ns, 500);
}

Test(directions, an_interface_is_a_namespace_and_an_index)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	world_init(&w);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_XMIT, 0, 0});
	world_add(&w, &e);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).points[POINT_DST_POD].packets, 0,
		     "the pods' eth0 have one ifindex");
	e.netns = NS_HOST; /* ifindex 2 of the host */
	world_add(&w, &e);
	e.netns = NS_POD2;
	e.ifindex = 21;
	world_add(&w, &e);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).points[POINT_SRC_HOST].packets, 0);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).points[POINT_DST_POD].packets, 0);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).packets, 1);
}

/* Four captures leave a point open until its file is read: an unknown device is nowhere. */
Test(directions, an_unknown_device_is_at_no_point)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	world_init(&w);
	w.evidence.setup.points[POINT_DST_HOST] = (struct iface){0};
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_XMIT, 2, 0});
	cr_assert_eq(e.ifindex, 0);
	world_add(&w, &e);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).points[POINT_DST_HOST].packets, 0);
}

Test(directions, only_what_a_capture_would_show_is_a_sighting)
{
	static const bool shows[ST_HOOK_MAX] = {
		[ST_HOOK_XMIT] = true,	 [ST_HOOK_RECEIVE] = true, [ST_HOOK_PEER] = true,
		[ST_HOOK_IP_RCV] = true, [ST_HOOK_NETKIT] = true,  [ST_HOOK_VETH] = true,
	};

	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++) {
		_cleanup_world_ struct world w;
		struct hook_event e;

		world_init(&w);
		e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){h, 2, 2});
		world_add(&w, &e);
		cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).points[POINT_DST_HOST].packets, shows[h], "hook %u",
			     h);
		cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).packets, 1, "hook %u", h);
	}
}

Test(directions, remembers_the_helper_that_was_called_last)
{
	_cleanup_world_ struct world w;
	struct hook_event e;
	struct direction_result l;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_REDIRECT, 1, 0});
	world_add(&w, &e); /* a redirect of which the helper is not known */
	l = direction_of(&w, DIRECTION_REQUEST);
	cr_expect(l.has_helper);
	cr_expect_eq(l.helper, ST_HELPER_REDIRECT_PEER);
	cr_expect_eq(l.helper_ifindex, 22);
	cr_expect_not(direction_of(&w, DIRECTION_REPLY).has_helper);
	walk(&w, DIRECTION_REPLY, 1, hook_path_redirect);
	l = direction_of(&w, DIRECTION_REPLY);
	cr_expect(l.has_helper);
	cr_expect_eq(l.helper, ST_HELPER_REDIRECT);
	cr_expect_eq(l.helper_ifindex, 21);
}

Test(directions, a_drop_before_arrival_is_remembered_with_its_place)
{
	_cleanup_world_ struct world w;
	struct hook_event e;
	struct direction_result l;

	world_init(&w);
	walk_part(&w, DIRECTION_REQUEST, 1, hook_path_peer, 2);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_DROP, 1, 0});
	e.location = 0xffffffff81234567;
	e.has_reason = true;
	e.drop_reason = 16;
	world_add(&w, &e);
	l = direction_of(&w, DIRECTION_REQUEST);
	cr_expect_eq(l.dropped, 1);
	cr_expect_eq(l.drop.location, 0xffffffff81234567);
	cr_expect_eq(l.drop.drop_reason, 16);
	cr_expect_eq(l.last_point, POINT_SRC_HOST);
	cr_expect_eq(l.arrived, 0);
}

/* ping's own socket frees the reply it has read as a drop: an end after arrival is told apart. */
Test(directions, a_drop_after_arrival_is_a_late_one)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	world_init(&w);
	walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
	e = echo_at(&w, DIRECTION_REPLY, 1, &(struct hook_path_step){ST_HOOK_DROP, 3, 0});
	world_add(&w, &e);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).dropped, 0);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).dropped_late, 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).arrived, 1);
}

/* One of two copies of a packet (a bridge floods, a tap clones) may be freed on the way: the packet still arrived. */
Test(directions, a_packet_that_arrived_was_not_dropped)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	world_init(&w);
	walk_part(&w, DIRECTION_REQUEST, 1, hook_path_bridge, 2);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_DROP, 1, 0});
	e.skb++; /* the copy's */
	world_add(&w, &e);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_bridge + 2);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).packets, 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).arrived, 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).dropped, 0);
}

Test(directions, the_place_of_an_end_is_that_of_the_packet_that_came_least_far)
{
	static const struct hook_path_step crossed[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_XMIT, 2, 0}, HOOK_PATH_END};
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, DIRECTION_REPLY, 1, crossed);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).last_point, POINT_SRC_HOST);
	walk_part(&w, DIRECTION_REPLY, 2, hook_path_peer, 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).last_point, POINT_DST_POD);
	walk_part(&w, DIRECTION_REPLY, 3, hook_path_peer, 2);
	walk(&w, DIRECTION_REPLY, 4, hook_path_peer);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).last_point, POINT_DST_POD);
}

/* What was seen on the way stays: a later step elsewhere takes nothing back. */
Test(directions, what_forwarded_a_packet_is_kept)
{
	static const struct hook_path_step path[HOOK_PATH_MAX] = {
		{ST_HOOK_FORWARD, 1, 0}, {ST_HOOK_FORWARD, 3, 0}, {ST_HOOK_RECEIVE, 3, 0}, HOOK_PATH_END};

	cr_expect_eq(mechanism_of(path), MECH_HOST_STACK);
}

/* A hook says one thing, and nothing of what the next one would. */
Test(directions, a_hook_says_nothing_more_than_it_saw)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_netkit);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).netfilter_hooks, 0);
	walk_part(&w, DIRECTION_REPLY, 1, hook_path_host_stack, 4);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).netfilter_hooks, 1);
	cr_expect_eq(direction_of(&w, DIRECTION_REPLY).dropped, 0);
	cr_expect_eq(evidence_table_under_way(&w.evidence), 1);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_NETFILTER, 3, 0});
	world_add(&w, &e);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).dropped_late, 0);
}

/* A large segment passes the hooks of its pod whole, and is cut before it is sent. */
Test(directions, what_only_netfilter_met_in_its_pod_was_not_sent)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	world_init(&w);
	w.evidence.setup.attached_ns = 1;
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_NETFILTER, 0, 0});
	world_add(&w, &e);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).packets, 0);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).early, 0);
	cr_expect_eq(evidence_table_under_way(&w.evidence), 0);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_XMIT, 0, 0});
	world_add(&w, &e);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).packets, 1);
	cr_expect_eq(evidence_table_under_way(&w.evidence), 1);
}

Test(directions, what_netfilter_met_elsewhere_is_under_way)
{
	_cleanup_world_ struct world w;
	struct hook_event e;

	world_init(&w);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_NETFILTER, 1, 0});
	world_add(&w, &e);
	cr_expect_eq(direction_of(&w, DIRECTION_REQUEST).packets, 1);
	cr_expect_eq(evidence_table_under_way(&w.evidence), 1);
}
