/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything that must keep a PASS from being said: each alone, with all else in order. */
#include <criterion/criterion.h>

#include "hook_paths.h"

/* The transmit program must have proven that it sees. */
Test(doubt, a_probe_that_saw_nothing_proves_nothing)
{
	static const char *const text[DIRECTION_MAX] = {
		[DIRECTION_REQUEST] = "request: the transmit probe never saw a packet leave src-pod",
		[DIRECTION_REPLY] = "reply: the transmit probe never saw a packet leave dst-pod",
	};

	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk_without(&w, dir, 1, hook_path_peer, 0);
		walk(&w, !dir, 1, hook_path_peer);
		r = judge(&w);
		expect_verdict(&r, VERDICT_INCONCLUSIVE, 3);
		expect_reason(&r, REASON_NO_POSITIVE_CONTROL, text[dir]);
		expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "the first thing missing is net_dev_start_xmit");
	}
}

/* The record of the transmission was lost, that of the driver was not: no other way. */
Test(doubt, a_lost_transmission_is_no_other_mechanism)
{
	static const struct hook_path_step lost[HOOK_PATH_MAX] = {
		{ST_HOOK_VETH, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_REDIRECT, 1, 0},
		{ST_HOOK_PEER, 3, 0}, {ST_HOOK_IP_RCV, 3, 1},  HOOK_PATH_END,
	};
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, lost);
	walk_both(&w, 2, hook_path_peer);
	walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
	w.run.ledger.lost_ring = 1;
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "the first thing missing is net_dev_start_xmit at src-pod");
}

/* The way of bpf_redirect_peer(), by a helper that got a flag of a kernel that we do not know. */
static struct check_result judge_with_flags(enum st_helper helper, uint64_t flags, enum mechanism expect,
					    const struct hook_path_step *path)
{
	_cleanup_world_ struct world w;

	world_init(&w);
	w.evidence.setup.expect = expect;
	for (size_t i = 0; path[i].hook != ST_HOOK_MAX; i++) {
		struct hook_event e = echo_at(&w, DIRECTION_REQUEST, 1, &path[i]);

		if (e.hook == ST_HOOK_REDIRECT) {
			e.helper = helper;
			e.helper_flags = flags;
		}
		world_add(&w, &e);
	}
	walk(&w, DIRECTION_REPLY, 1, path);
	return judge(&w);
}

Test(doubt, flags_that_are_not_known_are_no_known_mechanism)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		struct check_result r = judge_with_flags(ST_HELPER_REDIRECT_PEER, UINT64_C(1) << bit,
							 MECH_REDIRECT_PEER, hook_path_peer);

		expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
		expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE,
			      "the first thing that does not fit is skb_do_redirect (by a helper that was called with "
			      "unknown flags) at src-host");
		r = judge_with_flags(ST_HELPER_REDIRECT, UINT64_C(1) << bit, MECH_REDIRECT, hook_path_redirect);
		cr_expect_eq(r.verdict, bit == 0 ? VERDICT_PASS : VERDICT_INCONCLUSIVE, "bit %u", bit);
		r = judge_with_flags(ST_HELPER_REDIRECT_NEIGH, UINT64_C(1) << bit, MECH_REDIRECT, hook_path_redirect);
		cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE, "bit %u", bit);
	}
}

/* The record of the reception was lost, or a recording has none: where the packet came from is not known. */
Test(doubt, an_unknown_origin_is_no_other_mechanism)
{
	static const struct {
		enum mechanism m;
		const struct hook_path_step *path;
	} ways[] = {{MECH_REDIRECT_PEER, hook_path_peer},
		    {MECH_REDIRECT, hook_path_redirect},
		    {MECH_HOST_STACK, hook_path_host_stack}};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		w.evidence.setup.expect = ways[i].m;
		walk(&w, DIRECTION_REPLY, 1, ways[i].path);
		for (size_t k = 0; ways[i].path[k].hook != ST_HOOK_MAX; k++) {
			struct hook_event e = echo_at(&w, DIRECTION_REQUEST, 1, &ways[i].path[k]);

			if (e.hook == ST_HOOK_IP_RCV)
				e.orig_netns = e.orig_ifindex = 0;
			world_add(&w, &e);
		}
		r = judge(&w);
		expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
		expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "the first thing missing is ip_rcv");
	}
}

Test(doubt, counters_that_could_not_be_read_prove_nothing)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	w.run.tx[POINT_DST_HOST].unread = true;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_COUNTER_CONTRADICTION, "could not be read");
	/* of a device that is gone, one reason is enough */
	w.run.endpoint_changed = true;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_ENDPOINT_CHANGED, "");
}

Test(doubt, flags_that_nothing_would_tell_are_not_known)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	w.evidence.setup.flags_unseen = true;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_PROBE_NOT_ARMED, "the probe at bpf_redirect_peer (return) could not be armed");
}

/* Packet 1 crossed unseen at its source; packet 2 was seen there and nowhere else. The sums look whole. */
Test(doubt, evidence_of_one_packet_does_not_serve_another)
{
	static const struct hook_path_step arrival_unexplained[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_RECEIVE, 3, 0}, HOOK_PATH_END};
	static const struct hook_path_step explained_no_arrival[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_REDIRECT, 1, 0}, HOOK_PATH_END};
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, arrival_unexplained);
	walk(&w, DIRECTION_REQUEST, 2, explained_no_arrival);
	walk_both(&w, 3, hook_path_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 2);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].by_mechanism[MECH_UNKNOWN], 1);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "request: 1 of 2");
	expect_reason(&r, REASON_LEG_INCOMPLETE, "request: 1 of 3");
}

/* The request's redirect says nothing of the reply, which has the same id and sequence. */
Test(doubt, evidence_of_one_leg_does_not_serve_the_other)
{
	_cleanup_world_ struct world w;
	struct check_result r;
	struct hook_event e;

	world_init(&w);
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	e = echo_at(&w, DIRECTION_REPLY, 1, &(struct hook_path_step){ST_HOOK_XMIT, 0, 0});
	world_add(&w, &e);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_LEG_INCOMPLETE, "reply");
	cr_expect_eq(r.directions[DIRECTION_REPLY].mechanism, MECH_UNKNOWN);
}

Test(doubt, a_needed_probe_that_is_not_armed_is_inconclusive)
{
	static const char *const needed[ST_HOOK_MAX] = {
		[ST_HOOK_XMIT] = "net_dev_start_xmit",
		[ST_HOOK_RECEIVE] = "netif_receive_skb",
		[ST_HOOK_REDIRECT] = "skb_do_redirect",
		[ST_HOOK_PEER] = "skb_do_redirect (return)",
		[ST_HOOK_IP_RCV] = "ip_rcv",
	};

	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk_both(&w, 1, hook_path_peer);
		w.evidence.setup.attached[h] = false;
		r = judge(&w);
		expect_verdict(&r, needed[h] ? VERDICT_INCONCLUSIVE : VERDICT_PASS, !!needed[h]);
		if (needed[h])
			expect_reason(&r, REASON_PROBE_NOT_ARMED, needed[h]);
	}
}

Test(doubt, any_loss_is_inconclusive_and_says_where)
{
	static const struct {
		struct lost_events lost;
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
			walk_both(&w, 1, hook_path_peer);
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
	walk_both(&w, 1, hook_path_peer);
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
		w.evidence.setup.ping_id = PING_ID;
		w.evidence.setup.pings_sent = sent;
		walk_both(&w, 1, hook_path_peer);
		walk_both(&w, 2, hook_path_peer);
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
		w.evidence.setup.ping_id = PING_ID;
		w.evidence.setup.pings_sent = 2;
		w.evidence.setup.pings_asked = 3;
		w.run.interrupted = interrupted;
		walk_both(&w, 1, hook_path_peer);
		walk_both(&w, 2, hook_path_peer);
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
	w.evidence.setup.ping_id = PING_ID;
	w.evidence.setup.pings_sent = 1;
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
	w.evidence.setup.ping_id = PING_ID;
	w.evidence.setup.pings_sent = 1;
	for (size_t i = 0; i < HOOK_PATH_MAX && hook_path_host_stack[i].hook != ST_HOOK_MAX; i++) {
		struct hook_event e = echo_at(&w, DIRECTION_REQUEST, 1, &hook_path_host_stack[i]);

		e.sport = 4711;
		world_add(&w, &e);
	}
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_TRAFFIC, "");
	walk_both(&w, 1, hook_path_peer);
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
		walk_both(&w, 1, hook_path_peer);
		w.run.tx[POINT_SRC_HOST] =
			(struct tx_account){.known = true, .own_packets = 1, .seen_by[ST_TX_SEEN_BY_XMIT] = 1};
		w.run.tx[POINT_DST_HOST] =
			(struct tx_account){.known = true, .own_packets = own, .seen_by[ST_TX_SEEN_BY_XMIT] = 2};
		r = judge(&w);
		expect_verdict(&r, own == 3 ? VERDICT_INCONCLUSIVE : VERDICT_PASS, own == 3);
		cr_expect_eq(r.tx[POINT_DST_HOST].own_packets, (uint64_t)own);
		if (own == 3)
			expect_reason(
				&r, REASON_COUNTER_CONTRADICTION,
				"lxc2 (dst-host) counts 3 packets sent, the probe at net_dev_start_xmit saw 2, that in "
				"its driver 0");
		w.run.tx[POINT_DST_HOST].known = false;
		r = judge(&w);
		expect_verdict(&r, VERDICT_PASS, 0);
	}
}

/* What is sent past the queueing layer passes the driver's program, so the counter is contradicted only where that is
 * not attached. */
Test(doubt, what_the_driver_saw_was_seen)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	w.run.tx[POINT_DST_HOST] = (struct tx_account){.known = true, .own_packets = 3};
	w.run.tx[POINT_DST_HOST].seen_by[ST_TX_SEEN_BY_DRIVER] = 3;
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	w.evidence.setup.attached[ST_HOOK_VETH] = false;
	w.run.tx[POINT_DST_HOST].seen_by[ST_TX_SEEN_BY_DRIVER] = 0;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	cr_expect_str_eq(r.reasons[0].text,
			 "lxc2 (dst-host) counts 3 packets sent, the probe at net_dev_start_xmit saw 0");
}

Test(doubt, early_packets_alone_are_no_traffic)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.evidence.setup.attached_ns = w.now_ns - 1;
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer + 1);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_NO_TRAFFIC, "");
}

Test(doubt, interruption_and_changed_endpoints_are_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	w.run.interrupted = true;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_INTERRUPTED, "");
	w.run = (struct check_run){.ledger.provable = true, .endpoint_changed = true};
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_ENDPOINT_CHANGED, "");
	w.run = (struct check_run){.ledger.provable = true, .command_failed = "ended with status 3"};
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_COMMAND_FAILED, "the command ended with status 3");
}

/* Who rejects a flow says so to its sender; the text goes to the reason that it explains. */
Test(doubt, an_icmp_error_explains)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.run.ping_error = (struct icmp_error){.n = 1, .family = 4, .type = 3, .code = 13, .from = "10.0.0.1"};
	walk_both(&w, 1, hook_path_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	walk_part(&w, DIRECTION_REQUEST, 2, hook_path_peer, 2);
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_LEG_INCOMPLETE,
		      "the last place seen was src-host; our ping got 'administratively prohibited' (ICMP 3/13) from "
		      "10.0.0.1");
	w.run.ping_error = (struct icmp_error){.n = 2, .family = 6, .type = 7, .code = 1, .from = "fd00::1"};
	r = judge(&w);
	expect_reason(&r, REASON_LEG_INCOMPLETE,
		      "; our pings got 2 ICMP errors, the last 'an ICMP error' (ICMPv6 7/1) from fd00::1");
}

/* Nothing is said of the reply's packets: they were sent by somebody else. */
Test(doubt, an_icmp_error_is_not_the_replys)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.run.ping_error = (struct icmp_error){.n = 1, .family = 4, .type = 3, .code = 1, .from = "10.0.0.1"};
	w.evidence.setup.ping_id = PING_ID;
	w.evidence.setup.pings_sent = w.evidence.setup.pings_asked = 1;
	walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
	walk_part(&w, DIRECTION_REPLY, 1, hook_path_peer, 2);
	r = judge(&w);
	for (size_t i = 0; i < r.n_reasons; i++)
		cr_expect(!strstr(r.reasons[i].text, "our ping"), "%s", r.reasons[i].text);
}

/* A service's address that tc translates: of the flow only the far half of the request and the near half of the reply
 * are seen. */
Test(doubt, a_translated_address_explains_what_is_missing)
{
	_cleanup_world_ struct world w;
	struct translation *into, *out_of;
	struct check_result r;

	world_init(&w);
	into = &w.run.translated[DIRECTION_REQUEST][ST_TRANSLATED_INTO];
	out_of = &w.run.translated[DIRECTION_REPLY][ST_TRANSLATED_OUT_OF];
	for (uint16_t seq = 1; seq <= 2; seq++) {
		walk(&w, DIRECTION_REQUEST, seq, hook_path_peer + 2);
		walk_part(&w, DIRECTION_REPLY, seq, hook_path_peer, 2);
	}
	r = judge(&w);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "request: only 0 of 2");
	expect_reason(&r, REASON_NO_POSITIVE_CONTROL, "request: ");
	expect_reason(&r, REASON_LEG_INCOMPLETE, "reply: 2 of 2");

	*into = (struct translation){.n = 2, .from = "A -> VIP", .to = "A -> B"};
	*out_of = (struct translation){.n = 2, .from = "B -> A", .to = "VIP -> A"};
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 2);
	cr_expect_str_eq(r.reasons[0].text, "request: 2 packets left src-pod as A -> VIP and went on as A -> B");
	cr_expect_str_eq(r.reasons[1].text, "reply: 2 packets left dst-pod as B -> A and went on as VIP -> A");

	/* where something else is missing too, that stays */
	into->n = out_of->n = 1;
	r = judge(&w);
	expect_reason(&r, REASON_ADDRESS_TRANSLATED, "request: 1 packet left");
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "request: only 0 of 2");
	expect_reason(&r, REASON_LEG_INCOMPLETE, "reply: 2 of 2");
}

/* What crossed the veth fails, whatever its addresses were before. A flow that is whole needs no explanation. */
Test(doubt, a_translated_address_changes_no_verdict)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.run.translated[DIRECTION_REQUEST][ST_TRANSLATED_INTO].n = 1;
	w.run.translated[DIRECTION_REPLY][ST_TRANSLATED_OUT_OF].n = 1;
	walk_both(&w, 1, hook_path_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	walk(&w, DIRECTION_REQUEST, 2, hook_path_host_stack + 1);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "request: 1 of 2");
	expect_reason(&r, REASON_ADDRESS_TRANSLATED, "request: 1 packet left");
}

Test(doubt, packets_that_were_not_filed_are_inconclusive)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_both(&w, 1, hook_path_peer);
	w.evidence.overflow = 3;
	r = judge(&w);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_EVENTS_LOST, "more than 32768 packets in one check: 3 events were not filed");
}

/* More reasons than there is room for: the verdict counts them all, none is written past the end. */
Test(doubt, reasons_beyond_the_room_still_judge)
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

/* Doubt about the request does not soften what the reply was seen to do. */
Test(doubt, a_fail_stands_over_an_earlier_doubt)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	walk_part(&w, DIRECTION_REQUEST, 1, hook_path_peer, 2);
	walk(&w, DIRECTION_REPLY, 1, hook_path_host_stack);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	expect_reason(&r, REASON_LEG_INCOMPLETE, "request");
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "reply");
}
