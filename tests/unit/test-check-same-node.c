/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict: what each path between pods is called. What keeps a PASS from being said: test-check-presence.c,
 * test-check-doubt.c. */
#include <criterion/criterion.h>

#include "hook_paths.h"

Test(same_node, both_legs_redirected_pass)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	for (uint16_t seq = 1; seq <= 3; seq++)
		walk_both(&w, seq, hook_path_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].mechanism, MECH_REDIRECT_PEER);
	cr_expect_eq(r.directions[DIRECTION_REPLY].mechanism, MECH_REDIRECT_PEER);
	cr_expect_eq(r.setup.expect, MECH_REDIRECT_PEER);
	cr_expect_eq(r.ledger.events, w.run.ledger.events);
}

/* As many as --ping takes. */
Test(same_node, ten_thousand_pings_pass)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	for (uint16_t seq = 1; seq <= 10000; seq++)
		walk_both(&w, seq, hook_path_peer);
	w.evidence.setup.ping_id = PING_ID;
	w.evidence.setup.pings_sent = w.evidence.setup.pings_asked = 10000;
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.directions[DIRECTION_REPLY].arrived, 10000);
}

/* Every path that crosses the veth fails; the reason names direction, device and mechanism. */
Test(same_node, ways_through_the_host_veth_fail)
{
	static const struct {
		const struct hook_path_step *path;
		enum mechanism mechanism;
		const char *name;
	} cases[] = {
		{hook_path_host_stack, MECH_HOST_STACK, "carried by host_stack"},
		{hook_path_bridge, MECH_BRIDGE, "carried by bridge"},
		{hook_path_redirect, MECH_REDIRECT, "carried by redirect"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk_both(&w, 1, cases[i].path);
		r = judge(&w);
		expect_verdict(&r, VERDICT_FAIL, 2);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].mechanism, cases[i].mechanism);
		expect_reason(&r, REASON_HOST_VETH_TRAVERSED, cases[i].name);
		expect_reason(&r, REASON_HOST_VETH_TRAVERSED,
			      "request: 1 of 1 packets crossed the host-side veth lxc2");
		expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "reply: 1 of 1 packets crossed the host-side veth lxc1");
	}
}

Test(same_node, one_direction_redirected_fails_naming_the_other)
{
	for (enum direction bad = 0; bad < DIRECTION_MAX; bad++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk(&w, DIRECTION_REQUEST, 1, bad == DIRECTION_REQUEST ? hook_path_host_stack : hook_path_peer);
		walk(&w, DIRECTION_REPLY, 1, bad == DIRECTION_REPLY ? hook_path_host_stack : hook_path_peer);
		r = judge(&w);
		expect_verdict(&r, VERDICT_FAIL, 1);
		expect_reason(&r, REASON_HOST_VETH_TRAVERSED, direction_name(bad));
	}
}

/* The first packet of a flow may take another path than those after it. */
Test(same_node, one_packet_of_many_is_enough_to_fail)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	walk_both(&w, 2, hook_path_peer);
	walk(&w, DIRECTION_REQUEST, 3, hook_path_host_stack);
	walk(&w, DIRECTION_REPLY, 3, hook_path_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 1);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "1 of 3 packets crossed the host-side veth lxc2");
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "different mechanisms (the first by redirect_peer)");
}

Test(same_node, names_what_carried_the_first_packet)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_host_stack);
	walk_both(&w, 2, hook_path_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 2);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "different mechanisms (the first by host_stack)");
	cr_expect_eq(r.directions[DIRECTION_REQUEST].first_mechanism, MECH_HOST_STACK);
}

Test(same_node, netkit_fails_with_a_code_of_its_own_and_the_remedy)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_netkit);
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 2);
	expect_reason(&r, REASON_NETKIT, "request");
	expect_reason(&r, REASON_NETKIT, "through lxc1 by design");
	expect_reason(&r, REASON_NETKIT, "--expect netkit");
}

/* Nothing on the veth, but nothing of redirect_peer either: absence alone is no PASS, whatever the mechanism. */
Test(same_node, netkit_that_avoids_the_veth_is_no_pass)
{
	static const struct hook_path_step path[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0},	{ST_HOOK_NETKIT, 0, 0}, {ST_HOOK_RECEIVE, 3, 0},
		{ST_HOOK_IP_RCV, 3, 3}, HOOK_PATH_END,
	};
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, path);
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 2);
	expect_reason(&r, REASON_OTHER_MECHANISM, "request: 1 of 1 packets were carried by netkit");
	expect_reason(&r, REASON_OTHER_MECHANISM, "reply");
}

Test(same_node, netkit_mixed_with_another_way_fails)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	walk(&w, DIRECTION_REQUEST, 2, hook_path_netkit);
	walk(&w, DIRECTION_REPLY, 2, hook_path_peer);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "request: 1 of 2");
}

Test(same_node, another_mechanism_may_be_asserted)
{
	static const struct {
		const struct hook_path_step *path;
		enum mechanism mechanism;
	} cases[] = {
		{hook_path_peer, MECH_REDIRECT_PEER}, {hook_path_redirect, MECH_REDIRECT},
		{hook_path_bridge, MECH_BRIDGE},      {hook_path_host_stack, MECH_HOST_STACK},
		{hook_path_netkit, MECH_NETKIT},
	};

	for (size_t path = 0; path < ARRAY_SIZE(cases); path++) {
		for (size_t want = 0; want < ARRAY_SIZE(cases); want++) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w);
			w.evidence.setup.expect = cases[want].mechanism;
			walk_both(&w, 1, cases[path].path);
			r = judge(&w);
			cr_expect_eq(r.verdict, path == want ? VERDICT_PASS : VERDICT_FAIL, "%s for %s: %s",
				     mechanism_name(cases[path].mechanism), mechanism_name(cases[want].mechanism),
				     verdict_name(r.verdict));
			if (want > 0 && path != want)
				expect_reason(&r, REASON_OTHER_MECHANISM, mechanism_name(cases[want].mechanism));
		}
	}
}

/* Crossing the veth needs no mechanism's name to be a FAIL. */
Test(same_node, crossing_by_an_unknown_way_fails)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_without(&w, DIRECTION_REQUEST, 1, hook_path_redirect, 2);
	walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 2);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "carried by an unknown mechanism");
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "");
}

/* Under way when the programs were attached, and seen to cross: its missing beginning is no excuse. */
Test(same_node, an_early_packet_over_the_veth_fails)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.evidence.setup.attached_ns = w.now_ns - 1;
	walk(&w, DIRECTION_REQUEST, 1, hook_path_host_stack + 2);
	walk_both(&w, 2, hook_path_peer);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "request: 1 of 2");
}

/* What was seen was seen, whatever was not. */
Test(same_node, a_fail_stands_over_everything_else)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_host_stack);
	w.run.ledger.lost_ring = 7;
	w.run.interrupted = true;
	w.run.endpoint_changed = true;
	w.evidence.setup.attached[ST_HOOK_PEER] = false;
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 6);
	expect_reason(&r, REASON_EVENTS_LOST, "7 events");
	expect_reason(&r, REASON_NO_REPLY, "");
}

/* More reasons than there is room for: the verdict counts them all, none is written past the end. */
Test(same_node, reasons_beyond_the_room_still_judge)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		walk(&w, dir, 1, hook_path_host_stack + 2);
		walk(&w, dir, 2, hook_path_bridge + 2);
		walk(&w, dir, 3, hook_path_redirect + 2);
		walk_part(&w, dir, 4, hook_path_peer, 1);
		walk(&w, dir, 5, hook_path_netkit + 2);
	}
	memset(w.evidence.setup.attached, 0, sizeof(w.evidence.setup.attached));
	w.run = (struct check_run){.interrupted = true, .endpoint_changed = true};
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	w.evidence.setup.expect = MECH_UNKNOWN; /* then each mechanism is another one */
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, ARRAY_SIZE(r.reasons));
}

Test(same_node, a_passive_check_is_complete_when_both_legs_arrived)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	cr_expect_not(same_node_complete(&w.evidence));
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	cr_expect_not(same_node_complete(&w.evidence));
	walk_part(&w, DIRECTION_REPLY, 1, hook_path_peer, 3);
	cr_expect_not(same_node_complete(&w.evidence));
	walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
	cr_expect(same_node_complete(&w.evidence));
}

Test(same_node, a_connection_is_complete_with_its_first_data)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	w.evidence.setup.l4 = IPPROTO_TCP;
	walk_both(&w, 1, hook_path_peer);
	cr_expect_not(same_node_complete(&w.evidence));
	w.evidence.packets[0].has_data = true;
	cr_expect(same_node_complete(&w.evidence));
}

Test(same_node, is_not_complete_with_replies_alone)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
	cr_expect_not(same_node_complete(&w.evidence));
}

/* --- evidence from elsewhere --- */

/* A record on a device of the host that is none of the points; from IP input a packet that was received there. */
static void elsewhere(struct world *w, enum direction dir, struct hook_path_step s, uint32_t ifindex)
{
	struct hook_event e = echo_at(w, dir, 1, &s);

	if (s.hook == ST_HOOK_IP_RCV) {
		e.orig_netns = NS_HOST;
		e.orig_ifindex = ifindex;
	} else {
		e.netns = NS_HOST;
		e.ifindex = ifindex;
	}
	world_add(w, &e);
}

/* The host forwards to a veth pair of its own, at whose other end a program redirects to the far pod. */
Test(same_node, a_redirect_on_another_device_is_what_forwarded_the_packet_there)
{
	static const struct {
		struct hook_path_step by[3];
		const char *name;
	} cases[] = {
		{{{ST_HOOK_IP_RCV, 1, 1}, {ST_HOOK_FORWARD, 1, 0}, HOOK_PATH_END}, "carried by host_stack"},
		{{{ST_HOOK_BRIDGE, 1, 0}, HOOK_PATH_END}, "carried by bridge"},
		{{{ST_HOOK_REDIRECT, 1, 0}, HOOK_PATH_END}, "carried by redirect"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
		walk_part(&w, DIRECTION_REQUEST, 1, hook_path_host_stack, 2);
		walk(&w, DIRECTION_REQUEST, 1, cases[i].by);
		elsewhere(&w, DIRECTION_REQUEST, (struct hook_path_step){ST_HOOK_XMIT, 1, 0}, 31);
		elsewhere(&w, DIRECTION_REQUEST, (struct hook_path_step){ST_HOOK_RECEIVE, 1, 0}, 32);
		elsewhere(&w, DIRECTION_REQUEST, (struct hook_path_step){ST_HOOK_REDIRECT, 1, 0}, 32);
		walk(&w, DIRECTION_REQUEST, 1, (struct hook_path_step[]){{ST_HOOK_PEER, 3, 0}, HOOK_PATH_END});
		elsewhere(&w, DIRECTION_REQUEST, (struct hook_path_step){ST_HOOK_IP_RCV, 3, 0}, 32);
		r = judge(&w);
		expect_verdict(&r, VERDICT_FAIL, 1);
		expect_reason(&r, REASON_OTHER_MECHANISM, cases[i].name);
	}
}

/* tc mirred takes the packets from one host device to the other, and the far pod redirects them within itself. */
Test(same_node, a_redirect_in_the_far_pod_is_not_what_carried_the_packet)
{
	static const struct hook_path_step mirred[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0},	  {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_XMIT, 2, 0},   {ST_HOOK_RECEIVE, 3, 0},
		{ST_HOOK_REDIRECT, 3, 0}, {ST_HOOK_RECEIVE, 3, 0}, {ST_HOOK_IP_RCV, 3, 3}, HOOK_PATH_END,
	};
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.evidence.setup.expect = MECH_REDIRECT;
	walk_both(&w, 1, mirred);
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 2);
	expect_reason(
		&r, REASON_OTHER_MECHANISM,
		"request: 1 of 1 packets were carried by no single mechanism, expected redirect; the first thing that "
		"does not fit is skb_do_redirect at dst-pod");
}
