/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict on four captures: the table of what they hold, row by row, and what keeps a PASS from being said. */
#include "four_captures.h"

/* Points: src-pod, src-host, dst-host, dst-pod. */
Test(captures, the_table)
{
	static const struct {
		const char *name, *request, *reply;
		enum mechanism expect;
		enum verdict three, one; /* of three pings, of one */
		bool bare;		 /* frames without MAC addresses */
		bool netkit;		 /* is named */
	} cases[] = {
		{"redirect_peer", "1101", "1011", MECH_REDIRECT_PEER, VERDICT_PASS, VERDICT_INCONCLUSIVE, false, false},
		{"host stack", "1111", "1111", MECH_REDIRECT_PEER, VERDICT_FAIL, VERDICT_FAIL, false, false},
		{"request only", "1101", "1111", MECH_REDIRECT_PEER, VERDICT_FAIL, VERDICT_FAIL, false, false},
		{"reply only", "1111", "1011", MECH_REDIRECT_PEER, VERDICT_FAIL, VERDICT_FAIL, false, false},
		{"netkit", "1011", "1101", MECH_REDIRECT_PEER, VERDICT_FAIL, VERDICT_FAIL, true, true},
		{"netkit expected", "1011", "1101", MECH_NETKIT, VERDICT_PASS, VERDICT_INCONCLUSIVE, true, true},
		{"swapped hosts", "1011", "1101", MECH_REDIRECT_PEER, VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE, false,
		 false},
		{"swapped hosts, netkit expected", "1011", "1101", MECH_NETKIT, VERDICT_INCONCLUSIVE,
		 VERDICT_INCONCLUSIVE, false, false},
		{"netkit with swapped hosts", "1101", "1011", MECH_REDIRECT_PEER, VERDICT_INCONCLUSIVE,
		 VERDICT_INCONCLUSIVE, true, false},
		{"redirect_peer, netkit expected", "1101", "1011", MECH_NETKIT, VERDICT_FAIL, VERDICT_INCONCLUSIVE,
		 false, false},
		{"redirect_peer, host stack expected", "1101", "1011", MECH_HOST_STACK, VERDICT_FAIL,
		 VERDICT_INCONCLUSIVE, false, false},
		{"netkit, host stack expected", "1011", "1101", MECH_HOST_STACK, VERDICT_FAIL, VERDICT_INCONCLUSIVE,
		 true, true},
		/* captures cannot tell it from a bridge */
		{"host stack expected", "1111", "1111", MECH_HOST_STACK, VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE,
		 false, false},
		{"no host device", "1001", "1001", MECH_REDIRECT_PEER, VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE,
		 false, false},
		{"no host device, netkit expected", "1001", "1001", MECH_NETKIT, VERDICT_INCONCLUSIVE,
		 VERDICT_INCONCLUSIVE, true, false},
		{"dropped at src-host", "1100", "0000", MECH_REDIRECT_PEER, VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE,
		 false, false},
		{"no reply", "1101", "0000", MECH_REDIRECT_PEER, VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE, false,
		 false},
		{"nothing", "0000", "0000", MECH_REDIRECT_PEER, VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE, false,
		 false},
		{"reply not at dst-host", "1101", "1001", MECH_REDIRECT_PEER, VERDICT_INCONCLUSIVE,
		 VERDICT_INCONCLUSIVE, false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (unsigned pings = 1; pings <= 3; pings += 2) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w, cases[i].expect);
			w.near_frame = cases[i].bare ? FRAME_BARE : FRAME_SENT;
			w.far_frame = cases[i].bare ? FRAME_BARE : FRAME_REWRITTEN;
			if (strstr(cases[i].name, "swapped") && !cases[i].bare)
				w.far_frame = FRAME_SENT;
			ping(&w, pings, cases[i].request, cases[i].reply);
			r = judge(&w);
			expect(cases[i].name, &r, pings == 3 ? cases[i].three : cases[i].one);
			cr_expect(has_note(&r, "not what carried them"), "%s", cases[i].name);
			for (enum direction dir = 0; dir < DIRECTION_MAX; dir++)
				cr_expect_eq(r.directions[dir].mechanism,
					     cases[i].netkit && pings == 3 ? MECH_NETKIT : MECH_UNKNOWN, "%s: %s",
					     cases[i].name, mechanism_name(r.directions[dir].mechanism));
			cr_expect_eq(r.setup.points[POINT_DST_HOST].ifindex, 0, "no index is made up");
			cr_expect_not(r.ledger.provable);
		}
	}
}

Test(captures, an_empty_capture_proves_nothing)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w, MECH_REDIRECT_PEER);
	ping(&w, 3, "1101", "1001");
	r = judge(&w);
	expect("empty", &r, VERDICT_INCONCLUSIVE);
	cr_expect(has_reason(&r, REASON_NO_POSITIVE_CONTROL, "dst-host holds no packet at all"));
	note_time(&w, POINT_DST_HOST, NOW_NS);
	note_time(&w, POINT_DST_HOST, NOW_NS + 9 * SEC_NS);
	r = judge(&w);
	expect("other traffic only", &r, VERDICT_INCONCLUSIVE);
	cr_expect(has_reason(&r, REASON_NO_POSITIVE_CONTROL, "dst-host holds no packet of this flow"));
	cr_expect_eq(r.directions[DIRECTION_REQUEST].by_mechanism[MECH_UNKNOWN], 3,
		     "no mechanism is read off that silence");
}

/* One of the four was made at another time. Whatever it shows, the four are not one observation. */
Test(captures, of_different_times_are_no_observation)
{
	static const char *const rows[][2] = {{"1101", "1011"}, {"1111", "1111"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (enum point p = 0; p < POINT_MAX; p++) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w, MECH_REDIRECT_PEER);
			ping(&w, 3, rows[i][0], rows[i][1]);
			w.run.captures.facts[p].first_ns += 3600 * SEC_NS;
			w.run.captures.facts[p].last_ns += 3600 * SEC_NS;
			r = judge(&w);
			expect(point_name(p), &r, VERDICT_INCONCLUSIVE);
			cr_expect(has_reason(&r, REASON_NO_OVERLAP, point_name(p)));
			w.run.captures.facts[p].has_times = false;
			r = judge(&w);
			expect("no times", &r, VERDICT_INCONCLUSIVE);
			cr_expect(has_reason(&r, REASON_NO_OVERLAP, "does not tell when"));
		}
	}
}

/* The capture on the veth to be skipped was stopped, or started, while the flow went on. */
Test(captures, a_packet_outside_the_capture_is_not_absent_from_it)
{
	static const struct {
		uint8_t l4;
		uint64_t when_ns;
	} cases[] = {
		{IPPROTO_ICMP, NOW_NS - 5 * SEC_NS},
		{IPPROTO_ICMP, NOW_NS + 9 * SEC_NS},
		{IPPROTO_UDP, NOW_NS - 5 * SEC_NS},
		{IPPROTO_UDP, NOW_NS + 9 * SEC_NS},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w, MECH_REDIRECT_PEER);
		w.l4 = cases[i].l4;
		ping(&w, 3, "1101", "1011");
		walk(&w, DIRECTION_REQUEST, 9, cases[i].when_ns, "1101");
		r = judge(&w);
		expect("outside", &r, VERDICT_INCONCLUSIVE);
		cr_expect(
			has_reason(&r, REASON_NO_OVERLAP, "packets passed when the capture at dst-host is not known"));
	}
}

/* Shortly after the capture's last packet it may or may not have been running: an echo's answer tells. */
Test(captures, an_echo_at_the_edge_needs_its_answer)
{
	_cleanup_world_ struct world w;
	struct check_result r;
	uint64_t late_ns = NOW_NS + 3 * SEC_NS + SEC_NS / 2;

	world_init(&w, MECH_REDIRECT_PEER);
	ping(&w, 3, "1101", "1011");
	walk(&w, DIRECTION_REQUEST, 4, late_ns, "1101");
	r = judge(&w);
	expect("unanswered", &r, VERDICT_INCONCLUSIVE);
	cr_expect(has_reason(&r, REASON_NO_OVERLAP, "dst-host"));
	walk(&w, DIRECTION_REPLY, 4, late_ns + 4 * STEP_NS, "1011");
	r = judge(&w);
	expect("answered", &r, VERDICT_PASS);
	cr_expect(has_note(
		&r, "request: 1 packet is left out: it passed before the first packet of the capture at dst-host"));
	cr_expect(has_note(&r,
			   "reply: 1 packet is left out: it passed after the last packet of the capture at src-host"));
}

Test(captures, losses_cuts_and_doubts)
{
	static const struct {
		const char *name;
		struct capture_facts facts;
		enum reason_code code;
	} cases[] = {
		{"lost", {.lost = 1}, REASON_EVENTS_LOST},
		{"cut", {.cut = 1}, REASON_EVENTS_LOST},
		{"ambiguous", {.ambiguous = 1}, REASON_CAPTURE_AMBIGUOUS},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w, MECH_REDIRECT_PEER);
		ping(&w, 1, "1101", "1011");
		w.run.captures.facts[POINT_DST_HOST].lost = cases[i].facts.lost;
		w.run.captures.facts[POINT_DST_HOST].cut = cases[i].facts.cut;
		w.run.captures.facts[POINT_DST_HOST].ambiguous = cases[i].facts.ambiguous;
		r = judge(&w);
		expect(cases[i].name, &r, VERDICT_INCONCLUSIVE);
		cr_expect(has_reason(&r, cases[i].code, ""), "%s", cases[i].name);
		/* presence needs no proof of completeness */
		walk(&w, DIRECTION_REQUEST, 2, NOW_NS + SEC_NS, "1111");
		r = judge(&w);
		expect(cases[i].name, &r, VERDICT_FAIL);
	}
}

/* Files that count their losses can prove that there were none. */
Test(captures, the_ledger_is_provable_when_every_file_counts)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w, MECH_REDIRECT_PEER);
	ping(&w, 2, "1101", "1011");
	for (enum point p = 0; p < POINT_MAX; p++)
		w.run.captures.facts[p].counts_lost = true;
	r = judge(&w);
	expect("counted", &r, VERDICT_PASS);
	cr_expect(r.ledger.provable);
	cr_expect_eq(r.ledger.events, 12);
	cr_expect_eq(r.ledger.duration_ns, SEC_NS + 7 * STEP_NS);
	w.run.captures.facts[POINT_SRC_POD].counts_lost = false;
	r = judge(&w);
	cr_expect_not(r.ledger.provable);
}

/* A segment of TCP, at one point. */
static void see_segment(struct world *w, enum point at, enum direction dir, uint32_t seq, uint16_t bytes,
			uint64_t ts_ns)
{
	struct hook_event s = record_of(dir, ts_ns);

	s.l4 = IPPROTO_TCP;
	s.sport = dir == DIRECTION_REPLY ? 80 : 40000;
	s.dport = dir == DIRECTION_REPLY ? 40000 : 80;
	s.l4_seq = seq;
	s.payload_bytes = bytes;
	file_at(w, at, &s);
}

/* Two segments leave the pod and are received as one by the near host device, or one of them is not. */
Test(captures, merged_segments_keep_their_way)
{
	for (uint16_t received = 1000; received <= 2000; received += 1000) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w, MECH_REDIRECT_PEER);
		w.evidence.setup.l4 = IPPROTO_TCP;
		for (unsigned step = 0; step < POINT_MAX; step++) {
			uint64_t ts_ns = NOW_NS + step * STEP_NS;

			if (step != 2) {
				see_segment(&w, direction_point(DIRECTION_REQUEST, step), DIRECTION_REQUEST, 5000,
					    step ? received : 1000, ts_ns);
				see_segment(&w, direction_point(DIRECTION_REPLY, step), DIRECTION_REPLY, 1, 10,
					    ts_ns + 9 * STEP_NS);
			}
			if (step == 0)
				see_segment(&w, POINT_SRC_POD, DIRECTION_REQUEST, 6000, 1000, ts_ns + 1);
		}
		/* every capture runs before and after */
		for (enum point p = 0; p < POINT_MAX; p++) {
			note_time(&w, p, NOW_NS - STEP_NS);
			note_time(&w, p, NOW_NS + 20 * STEP_NS);
		}
		r = judge(&w);
		expect(received == 2000 ? "merged" : "half of it", &r,
		       received == 2000 ? VERDICT_PASS : VERDICT_INCONCLUSIVE);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 2);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].arrived, received / 1000);
	}
}

/* The smallest case: each capture ends with its last packet, and the reply crossed src-host after that. */
Test(captures, one_ping_is_between_no_others)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w, MECH_REDIRECT_PEER);
	ping(&w, 1, "1101", "1011");
	r = judge(&w);
	expect("one ping", &r, VERDICT_INCONCLUSIVE);
	cr_expect(has_reason(&r, REASON_NO_OVERLAP, "request: 1 of 1 packets passed when the capture at dst-host"));
	cr_expect(has_reason(&r, REASON_NO_OVERLAP, "reply: 1 of 1 packets passed when the capture at src-host"));
	/* other traffic before and after shows that the captures were running */
	for (enum point p = 0; p < POINT_MAX; p++) {
		note_time(&w, p, NOW_NS);
		note_time(&w, p, NOW_NS + 9 * SEC_NS);
	}
	r = judge(&w);
	expect("one ping, and other traffic", &r, VERDICT_PASS);
	cr_expect_not(has_note(&r, "left out"));
	cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 1);
}

/* Three pings at the edge of no capture are judged but for the first and the last packet. */
Test(captures, the_first_and_the_last_packet_are_left_out)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w, MECH_REDIRECT_PEER);
	ping(&w, 3, "1101", "1011");
	r = judge(&w);
	expect("three pings", &r, VERDICT_PASS);
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		cr_expect_eq(r.directions[dir].packets, 2);
		cr_expect_eq(r.directions[dir].early, 1);
	}
	/* seen on the device to be skipped, it counts */
	see(&w, POINT_DST_HOST, DIRECTION_REQUEST, 1, NOW_NS + SEC_NS + 5 * STEP_NS / 2);
	r = judge(&w);
	expect("the first crossed", &r, VERDICT_FAIL);
	cr_expect(has_reason(&r, REASON_HOST_VETH_TRAVERSED, "request: 1 of 3 packets crossed"));
}

/* Datagrams of UDP over IPv6 have the same headers, and so have pure ACKs: none speaks for the others. */
Test(captures, packets_with_the_same_headers_are_counted)
{
	for (unsigned crossed = 0; crossed < 2; crossed++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w, MECH_REDIRECT_PEER);
		w.l4 = IPPROTO_UDP;
		for (unsigned i = 1; i <= 14; i++) {
			walk(&w, DIRECTION_REQUEST, 9, NOW_NS + i * SEC_NS, i == 9 && crossed ? "1111" : "1101");
			walk(&w, DIRECTION_REPLY, 9, NOW_NS + i * SEC_NS + 4 * STEP_NS, "1011");
		}
		r = judge(&w);
		expect("same headers", &r, crossed ? VERDICT_FAIL : VERDICT_PASS);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 14 - !crossed);
		/* one more leaves its pod and is lost */
		see(&w, POINT_SRC_POD, DIRECTION_REQUEST, 9, NOW_NS + 14 * SEC_NS + SEC_NS / 2);
		see(&w, POINT_SRC_HOST, DIRECTION_REQUEST, 9, NOW_NS + 14 * SEC_NS + SEC_NS / 2 + STEP_NS);
		r = judge(&w);
		expect("one is lost", &r, crossed ? VERDICT_FAIL : VERDICT_INCONCLUSIVE);
		cr_expect(has_reason(&r, REASON_LEG_INCOMPLETE, "request: 1 of 1"));
	}
}

/* dst-host's capture ends early; seven more requests go by. */
Test(captures, what_passes_after_a_capture_is_not_judged)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w, MECH_REDIRECT_PEER);
	w.l4 = IPPROTO_UDP;
	for (unsigned i = 1; i <= 14; i++) {
		walk(&w, DIRECTION_REQUEST, 9, NOW_NS + i * STEP_NS * 10, "1101");
		if (i == 7)
			walk(&w, DIRECTION_REPLY, 9, NOW_NS + i * STEP_NS * 10 + 4 * STEP_NS, "1011");
	}
	r = judge(&w);
	expect("ends early", &r, VERDICT_INCONCLUSIVE);
	cr_expect(has_reason(&r, REASON_NO_OVERLAP, "request: 14 of 14"));
}

/* One file of two captures: nothing is known of the time between. */
Test(captures, a_gap_in_a_capture_is_no_absence)
{
	_cleanup_world_ struct world w;
	struct capture_facts *f;
	struct check_result r;

	world_init(&w, MECH_REDIRECT_PEER);
	ping(&w, 5, "1101", "1011");
	f = &w.run.captures.facts[POINT_DST_HOST];
	f->n_windows = 2;
	f->windows[1] = (struct capture_window){NOW_NS + 3 * SEC_NS + 4 * STEP_NS, f->last_ns};
	f->windows[0].last_ns = NOW_NS + 2 * SEC_NS + 5 * STEP_NS;
	r = judge(&w);
	expect("gap", &r, VERDICT_INCONCLUSIVE);
	cr_expect(has_reason(&r, REASON_NO_OVERLAP, "request: 1 of 4 packets passed when the capture at dst-host"));
}

/* A coarse time stamp does not tell whether a packet passed before a capture's first or after its last. */
Test(captures, coarse_times_prove_less)
{
	static const struct {
		uint64_t resolution_ns;
		enum verdict verdict;
	} cases[] = {{1, VERDICT_PASS}, {STEP_NS, VERDICT_PASS}, {SEC_NS, VERDICT_INCONCLUSIVE}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (enum point p = 0; p < POINT_MAX; p++) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w, MECH_REDIRECT_PEER);
			ping(&w, 3, "1101", "1011");
			w.run.captures.facts[p].resolution_ns = cases[i].resolution_ns;
			r = judge(&w);
			expect(point_name(p), &r, cases[i].verdict);
			cr_expect(p != POINT_DST_HOST || r.verdict == VERDICT_PASS ||
				  has_reason(&r, REASON_NO_OVERLAP, "packets passed when the capture at dst-host"));
		}
	}
}

Test(captures, a_filter_that_hides_packets_is_quoted)
{
	static const struct capture_filter filter = {.text = "icmp and src 10.0.0.133", .readable = true};

	for (enum filter_effect effect = FILTER_PASSES; effect <= FILTER_LEAVES_OUT; effect++) {
		for (enum point p = 0; p < POINT_MAX; p++) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w, MECH_REDIRECT_PEER);
			ping(&w, 3, "1101", "1011");
			w.run.captures.facts[p].filter_effect = effect;
			w.run.captures.facts[p].filter = &filter;
			r = judge(&w);
			expect("filter", &r, effect == FILTER_PASSES ? VERDICT_PASS : VERDICT_INCONCLUSIVE);
			cr_expect(effect == FILTER_PASSES ||
				  has_reason(&r, REASON_CAPTURE_FILTERED, "filter 'icmp and src 10.0.0.133', which"));
		}
	}
}
