/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything that must keep a PASS from being said: each alone, with all else in order. */
#include <criterion/criterion.h>

#include "ways.h"

/* The transmit program must have proven that it sees. */
Test(doubt, a_probe_that_saw_nothing_proves_nothing)
{
	static const char *const text[LEG_MAX] = {
		[LEG_REQUEST] = "request: the transmit probe never saw a packet leave src-pod",
		[LEG_REPLY] = "reply: the transmit probe never saw a packet leave dst-pod",
	};

	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk_without(&w, leg, 1, way_peer, 0);
		walk(&w, !leg, 1, way_peer);
		r = judge(&w);
		expect_verdict(&r, VERDICT_INCONCLUSIVE, 2);
		expect_reason(&r, REASON_NO_POSITIVE_CONTROL, text[leg]);
	}
}

/* Packet 1 crossed unseen at its source; packet 2 was seen there and nowhere else. The sums look whole. */
Test(doubt, evidence_of_one_packet_does_not_serve_another)
{
	static const struct way_step arrival_unexplained[WAY_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_RECEIVE, 3, 0}, WAY_END};
	static const struct way_step explained_no_arrival[WAY_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_REDIRECT, 1, 0}, WAY_END};
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, arrival_unexplained);
	walk(&w, LEG_REQUEST, 2, explained_no_arrival);
	walk_both(&w, 3, way_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 2);
	cr_expect_eq(r.legs[LEG_REQUEST].by_mechanism[MECH_UNKNOWN], 1);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "request: 1 of 2");
	expect_reason(&r, REASON_LEG_INCOMPLETE, "request: 1 of 3");
}

/* The request's redirect says nothing of the reply, which has the same id and sequence. */
Test(doubt, evidence_of_one_leg_does_not_serve_the_other)
{
	_cleanup_world_ struct world w;
	struct check_result r;
	struct witness e;

	world_init(&w);
	walk(&w, LEG_REQUEST, 1, way_peer);
	e = echo_at(&w, LEG_REPLY, 1, &(struct way_step){ST_HOOK_XMIT, 0, 0});
	world_add(&w, &e);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_LEG_INCOMPLETE, "reply");
	cr_expect_eq(r.legs[LEG_REPLY].mechanism, MECH_UNKNOWN);
}

Test(doubt, a_needed_probe_that_is_not_armed_is_inconclusive)
{
	static const char *const needed[ST_HOOK_MAX] = {
		[ST_HOOK_XMIT] = "net_dev_start_xmit",
		[ST_HOOK_RECEIVE] = "netif_receive_skb",
		[ST_HOOK_PEER] = "skb_do_redirect (return)",
		[ST_HOOK_IP_RCV] = "ip_rcv",
	};

	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk_both(&w, 1, way_peer);
		w.flow.setup.armed[h] = false;
		r = judge(&w);
		expect_verdict(&r, needed[h] ? VERDICT_INCONCLUSIVE : VERDICT_PASS, !!needed[h]);
		if (needed[h])
			expect_reason(&r, REASON_PROBE_NOT_ARMED, needed[h]);
	}
}

Test(doubt, any_loss_is_inconclusive_and_says_where)
{
	static const struct {
		struct ledger lost;
		const char *text;
	} cases[] = {
		{{.lost_ring = 1}, "1 events were lost (ring 1, recursion 0, probes 0, maps 0)"},
		{{.lost_recursion = 2}, "2 events were lost (ring 0, recursion 2, probes 0, maps 0)"},
		{{.lost_kprobe = 3}, "3 events were lost (ring 0, recursion 0, probes 3, maps 0)"},
		{{.lost_map = 4}, "4 events were lost (ring 0, recursion 0, probes 0, maps 4)"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int provable = 0; provable < 2; provable++) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w);
			walk_both(&w, 1, way_peer);
			w.run.ledger = cases[i].lost;
			w.run.ledger.provable = provable;
			r = judge(&w);
			expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
			expect_reason(&r, REASON_EVENTS_LOST, cases[i].text);
		}
	}
}

Test(doubt, a_kernel_that_cannot_tell_is_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, way_peer);
	w.run.ledger.provable = false;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_EVENTS_LOST, "cannot be proven: a count is missing");
	w.run.ledger.unprovable_why = "it does not count skipped probes";
	r = judge(&w);
	expect_reason(&r, REASON_EVENTS_LOST, "it does not count skipped probes");
}

Test(doubt, the_count_must_be_that_of_the_pings)
{
	for (uint16_t sent = 1; sent <= 3; sent++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		w.flow.setup.ping_id = PING_ID;
		w.flow.setup.pings_sent = sent;
		walk_both(&w, 1, way_peer);
		walk_both(&w, 2, way_peer);
		r = judge(&w);
		if (sent == 2) {
			expect_verdict(&r, VERDICT_PASS, 0);
			continue;
		}
		expect_verdict(&r, VERDICT_INCONCLUSIVE, 2);
		expect_reason(&r, REASON_COUNT_MISMATCH, "reply: ");
		expect_reason(&r, REASON_COUNT_MISMATCH,
			      sent == 1 ? "1 pings were sent, 2 arrived" : "3 pings were sent");
	}
}

Test(doubt, all_pings_that_were_asked_for_must_be_sent)
{
	for (unsigned interrupted = 0; interrupted <= 1; interrupted++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		w.flow.setup.ping_id = PING_ID;
		w.flow.setup.pings_sent = 2;
		w.flow.setup.pings_asked = 3;
		w.run.interrupted = interrupted;
		walk_both(&w, 1, way_peer);
		walk_both(&w, 2, way_peer);
		r = judge(&w);
		/* who interrupts a check knows why there are fewer */
		expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
		if (interrupted)
			expect_reason(&r, REASON_INTERRUPTED, "");
		else
			expect_reason(&r, REASON_COUNT_MISMATCH, "2 of 3 pings were sent before --timeout");
	}
}

Test(doubt, a_count_of_an_absent_leg_is_said_once)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.flow.setup.ping_id = PING_ID;
	w.flow.setup.pings_sent = 1;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_TRAFFIC, "");
}

/* Somebody else's ping between the same pods goes through the host; ours does not. */
Test(doubt, foreign_echoes_neither_fail_nor_pass_a_check)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.flow.setup.ping_id = PING_ID;
	w.flow.setup.pings_sent = 1;
	for (size_t i = 0; i < WAY_MAX && way_host_stack[i].hook != ST_HOOK_MAX; i++) {
		struct witness e = echo_at(&w, LEG_REQUEST, 1, &way_host_stack[i]);

		e.sport = 4711;
		world_add(&w, &e);
	}
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_TRAFFIC, "");
	walk_both(&w, 1, way_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
}

/* The device's own counter saw a packet leave that our probe did not: then our silence is worth nothing. */
Test(doubt, a_counter_that_contradicts_is_inconclusive)
{
	for (int own = 0; own < 4; own++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk_both(&w, 1, way_peer);
		w.run.tx[POINT_SRC_HOST] = (struct tx_account){.known = true, .own_packets = 1, .seen_packets = 1};
		w.run.tx[POINT_DST_HOST] = (struct tx_account){.known = true, .own_packets = own, .seen_packets = 2};
		r = judge(&w);
		expect_verdict(&r, own == 3 ? VERDICT_INCONCLUSIVE : VERDICT_PASS, own == 3);
		cr_expect_eq(r.tx[POINT_DST_HOST].own_packets, (uint64_t)own);
		if (own == 3)
			expect_reason(&r, REASON_COUNTER_CONTRADICTION,
				      "lxc2 (dst-host) counts 3 packets sent, the probe saw 2");
		w.run.tx[POINT_DST_HOST].known = false;
		r = judge(&w);
		expect_verdict(&r, VERDICT_PASS, 0);
	}
}

Test(doubt, early_packets_alone_are_no_traffic)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.flow.setup.armed_ns = w.now_ns - 1;
	walk(&w, LEG_REQUEST, 1, way_peer + 1);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_TRAFFIC, "");
}

Test(doubt, interruption_and_changed_endpoints_are_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, way_peer);
	w.run.interrupted = true;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_INTERRUPTED, "");
	w.run = (struct check_run){.ledger.provable = true, .endpoint_changed = true};
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_ENDPOINT_CHANGED, "");
}

Test(doubt, packets_that_were_not_filed_are_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, way_peer);
	w.flow.overflow = 3;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_EVENTS_LOST, "more than 16384 packets in one check: 3 events were not filed");
}

/* More reasons than there is room for: the verdict counts them all, none is written past the end. */
Test(doubt, reasons_beyond_the_room_still_judge)
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

/* Doubt about the request does not soften what the reply was seen to do. */
Test(doubt, a_fail_stands_over_an_earlier_doubt)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_part(&w, LEG_REQUEST, 1, way_peer, 2);
	walk(&w, LEG_REPLY, 1, way_host_stack);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	expect_reason(&r, REASON_LEG_INCOMPLETE, "request");
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "reply");
}
