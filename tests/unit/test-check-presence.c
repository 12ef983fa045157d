/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing is proven by packets that were not there: each leg must be seen whole, from its pod into the other. */
#include <criterion/criterion.h>

#include "ways.h"

Test(presence, no_traffic_is_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_TRAFFIC, "");
}

Test(presence, a_missing_leg_is_inconclusive)
{
	_cleanup_world_ struct world request, reply;
	struct check_result r;

	world_init(&request);
	walk(&request, LEG_REQUEST, 1, way_peer);
	r = judge(&request);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_REPLY, "");
	world_init(&reply);
	walk(&reply, LEG_REPLY, 1, way_peer);
	r = judge(&reply);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_REQUEST, "");
}

Test(presence, a_packet_that_never_arrived_is_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, way_peer);
	walk(&w, LEG_REQUEST, 2, way_peer);
	walk_part(&w, LEG_REPLY, 2, way_peer, 3);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_LEG_INCOMPLETE,
		      "reply: 1 of 2 packets were not seen to arrive; the last place seen was dst-host");
}

Test(presence, a_drop_on_the_way_is_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;
	struct witness e;

	world_init(&w);
	walk_both(&w, 1, way_peer);
	walk_part(&w, LEG_REQUEST, 2, way_peer, 2);
	e = echo_at(&w, LEG_REQUEST, 2, &(struct way_step){ST_HOOK_DROP, 1, 0});
	world_add(&w, &e);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_LEG_DROPPED, "request: 1 of 2 packets were dropped on the way, at src-host");
	walk_part(&w, LEG_REQUEST, 3, way_peer, 1);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 2);
	expect_reason(&r, REASON_LEG_INCOMPLETE, "request: 1 of 3");
}

/* A firewall in the pod: no reply, and the drop says why. */
Test(presence, a_drop_after_arrival_explains_a_missing_reply_only)
{
	_cleanup_world_ struct world w;
	struct check_result r;
	struct witness e;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_peer);
	e = echo_at(&w, LEG_REQUEST, 1, &(struct way_step){ST_HOOK_DROP, 3, 0});
	world_add(&w, &e);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 2);
	expect_reason(&r, REASON_LEG_DROPPED,
		      "request: 1 of 1 packets were dropped after they had arrived, at dst-pod");
	expect_reason(&r, REASON_NO_REPLY, "");
	walk(&w, LEG_REPLY, 1, way_peer);
	e = echo_at(&w, LEG_REPLY, 1, &(struct way_step){ST_HOOK_DROP, 3, 0});
	world_add(&w, &e);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
}

Test(presence, a_drop_elsewhere_says_so)
{
	_cleanup_world_ struct world w;
	struct check_result r;
	struct witness e;

	world_init(&w);
	walk_both(&w, 1, way_peer);
	walk_part(&w, LEG_REPLY, 2, way_peer, 2);
	e = echo_at(&w, LEG_REPLY, 2, &(struct way_step){ST_HOOK_DROP, 1, 0});
	e.ifindex = 4;
	world_add(&w, &e);
	r = judge(&w);
	expect_reason(&r, REASON_LEG_DROPPED, "at another device");
	e.netns = e.ifindex = 0;
	world_add(&w, &e);
	r = judge(&w);
	expect_reason(&r, REASON_LEG_DROPPED, "at no device");
	e.netns = NS_POD1;
	e.ifindex = 22;
	world_add(&w, &e);
	r = judge(&w);
	expect_reason(&r, REASON_LEG_DROPPED, "at another device");
	e.ifindex = 2;
	world_add(&w, &e);
	r = judge(&w);
	expect_reason(&r, REASON_LEG_DROPPED, "at src-pod");
}

Test(presence, arrival_without_a_mechanism_is_inconclusive)
{
	static const struct way_step silent[WAY_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_RECEIVE, 3, 0}, WAY_END};
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, silent);
	walk(&w, LEG_REPLY, 1, way_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "request: 1 of 1 packets arrived without evidence");
}

Test(presence, a_point_that_must_be_seen_and_was_not_is_inconclusive)
{
	static const char *const places[LEG_MAX][2] = {
		[LEG_REQUEST] = {"request: only 0 of 1 packets that arrived were seen at src-pod",
				 "request: only 0 of 1 packets that arrived were seen at src-host"},
		[LEG_REPLY] = {"reply: only 0 of 1 packets that arrived were seen at dst-pod",
			       "reply: only 0 of 1 packets that arrived were seen at dst-host"},
	};

	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		for (size_t gone = 0; gone < 2; gone++) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w);
			walk_without(&w, leg, 1, way_peer, gone);
			walk(&w, !leg, 1, way_peer);
			r = judge(&w);
			cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
			expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, places[leg][gone]);
		}
	}
}

Test(presence, netkit_is_not_received_on_the_near_host_device_but_leaves_its_pod)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.flow.setup.expect = MECH_NETKIT;
	walk(&w, LEG_REQUEST, 1, way_netkit + 2); /* without its pod's own device */
	walk(&w, LEG_REPLY, 1, way_netkit);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "seen at src-pod");
	cr_expect_null(reason_text(&r, REASON_NO_POSITIVE_EVIDENCE, "src-host"));
}
