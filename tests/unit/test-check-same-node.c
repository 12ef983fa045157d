/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict: what each way of joining pods is called. What keeps a PASS from being said: test-check-presence.c,
 * test-check-doubt.c. */
#include <criterion/criterion.h>

#include "ways.h"

Test(same_node, both_legs_redirected_pass)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	for (uint16_t seq = 1; seq <= 3; seq++)
		walk_both(&w, seq, way_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.legs[LEG_REQUEST].mechanism, MECH_REDIRECT_PEER);
	cr_expect_eq(r.legs[LEG_REPLY].mechanism, MECH_REDIRECT_PEER);
	cr_expect_eq(r.setup.expect, MECH_REDIRECT_PEER);
	cr_expect_eq(r.ledger.events, w.run.ledger.events);
}

/* Every way that crosses the veth fails, names the leg, the device and the way, and is told apart. */
Test(same_node, ways_through_the_host_veth_fail)
{
	static const struct {
		const struct way_step *way;
		enum mechanism mechanism;
		const char *name;
	} cases[] = {
		{way_host_stack, MECH_HOST_STACK, "carried by host_stack"},
		{way_bridge, MECH_BRIDGE, "carried by bridge"},
		{way_redirect, MECH_REDIRECT, "carried by redirect"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk_both(&w, 1, cases[i].way);
		r = judge(&w);
		expect_verdict(&r, VERDICT_FAIL, 2);
		cr_expect_eq(r.legs[LEG_REQUEST].mechanism, cases[i].mechanism);
		expect_reason(&r, REASON_HOST_VETH_TRAVERSED, cases[i].name);
		expect_reason(&r, REASON_HOST_VETH_TRAVERSED,
			      "request: 1 of 1 packets crossed the host-side veth lxc2");
		expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "reply: 1 of 1 packets crossed the host-side veth lxc1");
	}
}

Test(same_node, one_direction_redirected_fails_naming_the_other)
{
	for (enum leg bad = 0; bad < LEG_MAX; bad++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk(&w, LEG_REQUEST, 1, bad == LEG_REQUEST ? way_host_stack : way_peer);
		walk(&w, LEG_REPLY, 1, bad == LEG_REPLY ? way_host_stack : way_peer);
		r = judge(&w);
		expect_verdict(&r, VERDICT_FAIL, 1);
		expect_reason(&r, REASON_HOST_VETH_TRAVERSED, leg_name(bad));
	}
}

/* The first packet of a flow may take another way than those after it. */
Test(same_node, one_packet_of_many_is_enough_to_fail)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, way_peer);
	walk_both(&w, 2, way_peer);
	walk(&w, LEG_REQUEST, 3, way_host_stack);
	walk(&w, LEG_REPLY, 3, way_peer);
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
	walk_both(&w, 1, way_host_stack);
	walk_both(&w, 2, way_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 2);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "different mechanisms (the first by host_stack)");
	cr_expect_eq(r.legs[LEG_REQUEST].first_mechanism, MECH_HOST_STACK);
}

Test(same_node, netkit_fails_with_a_code_of_its_own_and_the_remedy)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, way_netkit);
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 2);
	expect_reason(&r, REASON_NETKIT, "request");
	expect_reason(&r, REASON_NETKIT, "through lxc1 by design");
	expect_reason(&r, REASON_NETKIT, "--expect netkit");
}

/* Nothing on the veth, but nothing of redirect_peer either: absence alone is no PASS, whatever the mechanism. */
Test(same_node, netkit_that_avoids_the_veth_is_no_pass)
{
	static const struct way_step way[WAY_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_NETKIT, 0, 0}, {ST_HOOK_RECEIVE, 3, 0}, {ST_HOOK_IP_RCV, 3, 3}, WAY_END,
	};
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, way);
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
	walk_both(&w, 1, way_peer);
	walk(&w, LEG_REQUEST, 2, way_netkit);
	walk(&w, LEG_REPLY, 2, way_peer);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "request: 1 of 2");
}

Test(same_node, another_mechanism_may_be_asserted)
{
	static const struct {
		const struct way_step *way;
		enum mechanism mechanism;
	} cases[] = {
		{way_peer, MECH_REDIRECT_PEER},	   {way_redirect, MECH_REDIRECT}, {way_bridge, MECH_BRIDGE},
		{way_host_stack, MECH_HOST_STACK}, {way_netkit, MECH_NETKIT},
	};

	for (size_t way = 0; way < ARRAY_SIZE(cases); way++) {
		for (size_t want = 0; want < ARRAY_SIZE(cases); want++) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w);
			w.flow.setup.expect = cases[want].mechanism;
			walk_both(&w, 1, cases[way].way);
			r = judge(&w);
			cr_expect_eq(r.verdict, way == want ? VERDICT_PASS : VERDICT_FAIL, "%s for %s: %s",
				     mechanism_name(cases[way].mechanism), mechanism_name(cases[want].mechanism),
				     verdict_name(r.verdict));
			if (want > 0 && way != want)
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
	walk_without(&w, LEG_REQUEST, 1, way_redirect, 2);
	walk(&w, LEG_REPLY, 1, way_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, 2);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "carried by an unknown mechanism");
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "");
}

/* Under way when the probes were armed, and seen to cross: that it has no beginning does not excuse it. */
Test(same_node, an_early_packet_over_the_veth_fails)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.flow.setup.armed_ns = w.now_ns - 1;
	walk(&w, LEG_REQUEST, 1, way_host_stack + 2);
	walk_both(&w, 2, way_peer);
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
	walk(&w, LEG_REQUEST, 1, way_host_stack);
	w.run.ledger.lost_ring = 7;
	w.run.interrupted = true;
	w.run.endpoint_changed = true;
	w.flow.setup.armed[ST_HOOK_PEER] = false;
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
	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		walk(&w, leg, 1, way_host_stack + 2);
		walk(&w, leg, 2, way_bridge + 2);
		walk(&w, leg, 3, way_redirect + 2);
		walk_part(&w, leg, 4, way_peer, 1);
		walk(&w, leg, 5, way_netkit + 2);
	}
	memset(w.flow.setup.armed, 0, sizeof(w.flow.setup.armed));
	w.run = (struct check_run){.interrupted = true, .endpoint_changed = true};
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	w.flow.setup.expect = MECH_UNKNOWN; /* then each mechanism is another one */
	r = judge(&w);
	expect_verdict(&r, VERDICT_FAIL, ARRAY_SIZE(r.reasons));
}

Test(same_node, a_passive_check_is_complete_when_both_legs_arrived)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	cr_expect_not(same_node_complete(&w.flow));
	walk(&w, LEG_REQUEST, 1, way_peer);
	cr_expect_not(same_node_complete(&w.flow));
	walk_part(&w, LEG_REPLY, 1, way_peer, 3);
	cr_expect_not(same_node_complete(&w.flow));
	walk(&w, LEG_REPLY, 1, way_peer);
	cr_expect(same_node_complete(&w.flow));
}

Test(same_node, a_connection_is_complete_with_its_first_data)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	w.flow.setup.l4 = IPPROTO_TCP;
	walk_both(&w, 1, way_peer);
	cr_expect_not(same_node_complete(&w.flow));
	w.flow.packets[0].has_data = true;
	cr_expect(same_node_complete(&w.flow));
}

Test(same_node, is_not_complete_with_replies_alone)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	walk(&w, LEG_REPLY, 1, way_peer);
	cr_expect_not(same_node_complete(&w.flow));
}
