/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing is proven by packets that were not there: each direction must be seen whole, from its pod into the other. */
#include <criterion/criterion.h>

#include "hook_paths.h"

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
	walk(&request, DIRECTION_REQUEST, 1, hook_path_peer);
	r = judge(&request);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_REPLY, "");
	world_init(&reply);
	walk(&reply, DIRECTION_REPLY, 1, hook_path_peer);
	r = judge(&reply);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_REQUEST, "");
}

Test(presence, a_packet_that_never_arrived_is_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	walk(&w, DIRECTION_REQUEST, 2, hook_path_peer);
	walk_part(&w, DIRECTION_REPLY, 2, hook_path_peer, 3);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_LEG_INCOMPLETE,
		      "reply: 1 of 2 packets were not seen to arrive; the last place seen was dst-host");
}

Test(presence, a_drop_on_the_way_is_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;
	struct hook_event e;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	walk_part(&w, DIRECTION_REQUEST, 2, hook_path_peer, 2);
	e = echo_at(&w, DIRECTION_REQUEST, 2, &(struct hook_path_step){ST_HOOK_DROP, 1, 0});
	world_add(&w, &e);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_LEG_DROPPED, "request: 1 of 2 packets were dropped on the way, at src-host");
	walk_part(&w, DIRECTION_REQUEST, 3, hook_path_peer, 1);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 2);
	expect_reason(&r, REASON_LEG_INCOMPLETE, "request: 1 of 3");
}

/* A firewall in the pod: no reply, and the drop says why. */
Test(presence, a_drop_after_arrival_explains_a_missing_reply_only)
{
	_cleanup_world_ struct world w;
	struct check_result r;
	struct hook_event e;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	e = echo_at(&w, DIRECTION_REQUEST, 1, &(struct hook_path_step){ST_HOOK_DROP, 3, 0});
	world_add(&w, &e);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 2);
	expect_reason(&r, REASON_LEG_DROPPED,
		      "request: 1 of 1 packets were dropped after they had arrived, at dst-pod");
	expect_reason(&r, REASON_NO_REPLY, "");
	walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
	e = echo_at(&w, DIRECTION_REPLY, 1, &(struct hook_path_step){ST_HOOK_DROP, 3, 0});
	world_add(&w, &e);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
}

Test(presence, a_drop_elsewhere_says_so)
{
	static const struct {
		uint32_t netns, ifindex;
		const char *text;
	} cases[] = {
		{NS_HOST, 4, "at another device"},
		{0, 0, "at no device"},
		{NS_POD1, 22, "at another device"},
		{NS_POD1, 2, "at src-pod"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_world_ struct world w;
		struct check_result r;
		struct hook_event e;

		world_init(&w);
		walk_both(&w, 1, hook_path_peer);
		walk_part(&w, DIRECTION_REPLY, 2, hook_path_peer, 2);
		e = echo_at(&w, DIRECTION_REPLY, 2, &(struct hook_path_step){ST_HOOK_DROP, 1, 0});
		e.netns = cases[i].netns;
		e.ifindex = cases[i].ifindex;
		world_add(&w, &e);
		r = judge(&w);
		expect_reason(&r, REASON_LEG_DROPPED, cases[i].text);
	}
}

Test(presence, arrival_without_a_mechanism_is_inconclusive)
{
	static const struct hook_path_step silent[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_RECEIVE, 3, 0}, HOOK_PATH_END};
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, silent);
	walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "request: 1 of 1 packets arrived without evidence");
}

Test(presence, a_point_that_must_be_seen_and_was_not_is_inconclusive)
{
	static const char *const places[DIRECTION_MAX][2] = {
		[DIRECTION_REQUEST] = {"request: only 0 of 1 packets that arrived were seen at src-pod",
				       "request: only 0 of 1 packets that arrived were seen at src-host"},
		[DIRECTION_REPLY] = {"reply: only 0 of 1 packets that arrived were seen at dst-pod",
				     "reply: only 0 of 1 packets that arrived were seen at dst-host"},
	};

	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		for (size_t gone = 0; gone < 2; gone++) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w);
			walk_without(&w, dir, 1, hook_path_peer, gone);
			walk(&w, !dir, 1, hook_path_peer);
			r = judge(&w);
			cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
			expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, places[dir][gone]);
		}
	}
}

Test(presence, netkit_is_not_received_on_the_near_host_device_but_leaves_its_pod)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.evidence.setup.expect = MECH_NETKIT;
	walk(&w, DIRECTION_REQUEST, 1, hook_path_netkit + 2); /* without its pod's own device */
	walk(&w, DIRECTION_REPLY, 1, hook_path_netkit);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "seen at src-pod");
	cr_expect_null(reason_text(&r, REASON_NO_POSITIVE_EVIDENCE, "src-host"));
}

/* netkit hands packets on inside its own transmit: that none was received on the near host device is no gap. */
Test(presence, a_netkit_leg_is_not_received_on_its_host_device)
{
	static const struct hook_path_step unknown[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0},	{ST_HOOK_XMIT, 2, 0}, {ST_HOOK_RECEIVE, 3, 0},
		{ST_HOOK_IP_RCV, 3, 3}, HOOK_PATH_END,
	};
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.evidence.setup.expect = MECH_NETKIT;
	walk_both(&w, 1, hook_path_netkit);
	walk(&w, DIRECTION_REQUEST, 2, unknown);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "request: 1 of 2 packets arrived without evidence");
}
