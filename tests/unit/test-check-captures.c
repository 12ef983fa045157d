/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict on four captures: the article's table, row by row, and what keeps a PASS from being said. */
#include <criterion/criterion.h>

#include <netinet/in.h>
#include <string.h>

#include "base/cleanup.h"
#include "check/same_node.h"

#define NOW_NS	1700000000000000000ull
#define SEC_NS	1000000000ull
#define STEP_NS 50000ull

struct world {
	uint8_t l4;
	struct flow flow;
	struct check_run run;
};

static void world_clear(struct world *w)
{
	flow_free(&w->flow);
}

#define _cleanup_world_ _cleanup_(world_clear)

static void world_init(struct world *w, enum mechanism expect)
{
	struct check_setup setup = {.expect = expect, .l4 = IPPROTO_ICMP};

	*w = (struct world){.l4 = IPPROTO_ICMP, .run.from_captures = true};
	captures_set_points(&setup, w->run.captures);
	flow_init(&w->flow, &setup);
}

static void note_time(struct capture_facts *f, uint64_t ts_ns)
{
	f->packets++;
	f->first_ns = !f->has_times || ts_ns < f->first_ns ? ts_ns : f->first_ns;
	f->last_ns = !f->has_times || ts_ns > f->last_ns ? ts_ns : f->last_ns;
	f->has_times = true;
}

static void file_at(struct world *w, enum point at, const struct witness *s)
{
	note_time(&w->run.captures[at], s->ts_ns);
	w->run.captures[at].flow_packets++;
	cr_assert_eq(flow_add(&w->flow, s), 0);
}

static struct witness sighting(enum point at, enum leg leg, uint64_t ts_ns)
{
	return (struct witness){
		.ts_ns = ts_ns,
		.ifindex = captures_ifindex(at),
		.hook = ST_HOOK_XMIT,
		.reverse = leg == LEG_REPLY,
		.has_l4 = true,
	};
}

static void see(struct world *w, enum point at, enum leg leg, uint16_t seq, uint64_t ts_ns)
{
	struct witness s = sighting(at, leg, ts_ns);

	s.l4 = w->l4;
	s.sport = 7;
	s.dport = seq;
	file_at(w, at, &s);
}

/* "1101": seen at src-pod, src-host, dst-host, dst-pod, in this order; one step of time apart on the packet's way. */
static void walk(struct world *w, enum leg leg, uint16_t seq, uint64_t ts_ns, const char *row)
{
	for (unsigned step = 0; step < POINT_MAX; step++) {
		if (row[leg_point(leg, step)] == '1')
			see(w, leg_point(leg, step), leg, seq, ts_ns + step * STEP_NS);
	}
}

static void ping(struct world *w, unsigned n, const char *request, const char *reply)
{
	for (unsigned seq = 1; seq <= n; seq++) {
		walk(w, LEG_REQUEST, seq, NOW_NS + seq * SEC_NS, request);
		walk(w, LEG_REPLY, seq, NOW_NS + seq * SEC_NS + 4 * STEP_NS, reply);
	}
}

static struct check_result judge(struct world *w)
{
	struct check_result r;

	captures_infer(&w->flow, w->run.captures);
	captures_ledger(w->run.captures, &w->run.ledger);
	same_node_judge(&w->flow, &w->run, &r);
	return r;
}

static bool has_reason(const struct check_result *r, enum reason_code code, const char *text)
{
	for (size_t i = 0; i < r->n_reasons; i++) {
		if (r->reasons[i].code == code && strstr(r->reasons[i].text, text))
			return true;
	}
	return false;
}

static void expect(const char *name, const struct check_result *r, enum verdict verdict)
{
	cr_expect_eq(r->verdict, verdict, "%s: %s, %s", name, verdict_name(r->verdict),
		     r->n_reasons ? r->reasons[0].text : "no reason");
	cr_expect_eq(r->n_reasons == 0, verdict == VERDICT_PASS, "%s: reasons", name);
}

/* Points: src-pod, src-host, dst-host, dst-pod. */
Test(captures, the_table)
{
	static const struct {
		const char *name, *request, *reply;
		enum mechanism expect;
		enum verdict verdict;
		enum mechanism leg[LEG_MAX];
	} cases[] = {
		{"redirect_peer",
		 "1101",
		 "1011",
		 MECH_REDIRECT_PEER,
		 VERDICT_PASS,
		 {MECH_REDIRECT_PEER, MECH_REDIRECT_PEER}},
		{"host stack", "1111", "1111", MECH_REDIRECT_PEER, VERDICT_FAIL, {MECH_UNKNOWN, MECH_UNKNOWN}},
		{"request only", "1101", "1111", MECH_REDIRECT_PEER, VERDICT_FAIL, {MECH_REDIRECT_PEER, MECH_UNKNOWN}},
		{"reply only", "1111", "1011", MECH_REDIRECT_PEER, VERDICT_FAIL, {MECH_UNKNOWN, MECH_REDIRECT_PEER}},
		{"netkit", "1011", "1101", MECH_REDIRECT_PEER, VERDICT_FAIL, {MECH_NETKIT, MECH_NETKIT}},
		{"netkit", "1011", "1101", MECH_NETKIT, VERDICT_PASS, {MECH_NETKIT, MECH_NETKIT}},
		{"redirect_peer, netkit expected",
		 "1101",
		 "1011",
		 MECH_NETKIT,
		 VERDICT_FAIL,
		 {MECH_REDIRECT_PEER, MECH_REDIRECT_PEER}},
		/* captures cannot tell it from a bridge */
		{"host stack expected",
		 "1111",
		 "1111",
		 MECH_HOST_STACK,
		 VERDICT_INCONCLUSIVE,
		 {MECH_UNKNOWN, MECH_UNKNOWN}},
		{"no host device",
		 "1001",
		 "1001",
		 MECH_REDIRECT_PEER,
		 VERDICT_INCONCLUSIVE,
		 {MECH_UNKNOWN, MECH_UNKNOWN}},
		{"dropped at src-host",
		 "1100",
		 "0000",
		 MECH_REDIRECT_PEER,
		 VERDICT_INCONCLUSIVE,
		 {MECH_UNKNOWN, MECH_UNKNOWN}},
		{"no reply", "1101", "0000", MECH_REDIRECT_PEER, VERDICT_INCONCLUSIVE, {MECH_UNKNOWN, MECH_UNKNOWN}},
		{"nothing", "0000", "0000", MECH_REDIRECT_PEER, VERDICT_INCONCLUSIVE, {MECH_UNKNOWN, MECH_UNKNOWN}},
		{"reply not at dst-host",
		 "1101",
		 "1001",
		 MECH_REDIRECT_PEER,
		 VERDICT_INCONCLUSIVE,
		 {MECH_UNKNOWN, MECH_UNKNOWN}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (unsigned pings = 1; pings <= 3; pings += 2) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w, cases[i].expect);
			ping(&w, pings, cases[i].request, cases[i].reply);
			r = judge(&w);
			expect(cases[i].name, &r, cases[i].verdict);
			for (enum leg leg = 0; leg < LEG_MAX; leg++)
				cr_expect_eq(r.legs[leg].mechanism, cases[i].leg[leg], "%s: %s is %s", cases[i].name,
					     leg_name(leg), mechanism_name(r.legs[leg].mechanism));
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
	note_time(&w.run.captures[POINT_DST_HOST], NOW_NS);
	note_time(&w.run.captures[POINT_DST_HOST], NOW_NS + 9 * SEC_NS);
	r = judge(&w);
	expect("other traffic only", &r, VERDICT_INCONCLUSIVE);
	cr_expect(has_reason(&r, REASON_NO_POSITIVE_CONTROL, "dst-host holds no packet of this flow"));
	cr_expect_eq(r.legs[LEG_REQUEST].by_mechanism[MECH_UNKNOWN], 3, "no mechanism is read off that silence");
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
			w.run.captures[p].first_ns += 3600 * SEC_NS;
			w.run.captures[p].last_ns += 3600 * SEC_NS;
			r = judge(&w);
			expect(point_name(p), &r, VERDICT_INCONCLUSIVE);
			cr_expect(has_reason(&r, REASON_NO_OVERLAP, point_name(p)));
			w.run.captures[p].has_times = false;
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
		walk(&w, LEG_REQUEST, 9, cases[i].when_ns, "1101");
		r = judge(&w);
		expect("outside", &r, VERDICT_INCONCLUSIVE);
		cr_expect(has_reason(&r, REASON_NO_OVERLAP,
				     "request: 1 of 4 packets passed when the capture at dst-host"));
		cr_expect_eq(r.legs[LEG_REQUEST].by_mechanism[MECH_REDIRECT_PEER], 3);
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
	walk(&w, LEG_REQUEST, 4, late_ns, "1101");
	r = judge(&w);
	expect("unanswered", &r, VERDICT_INCONCLUSIVE);
	cr_expect(has_reason(&r, REASON_NO_OVERLAP, "dst-host"));
	walk(&w, LEG_REPLY, 4, late_ns + 4 * STEP_NS, "1011");
	r = judge(&w);
	expect("answered", &r, VERDICT_PASS);
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
		w.run.captures[POINT_DST_HOST].lost = cases[i].facts.lost;
		w.run.captures[POINT_DST_HOST].cut = cases[i].facts.cut;
		w.run.captures[POINT_DST_HOST].ambiguous = cases[i].facts.ambiguous;
		r = judge(&w);
		expect(cases[i].name, &r, VERDICT_INCONCLUSIVE);
		cr_expect(has_reason(&r, cases[i].code, ""), "%s", cases[i].name);
		/* presence needs no proof of completeness */
		walk(&w, LEG_REQUEST, 2, NOW_NS + SEC_NS, "1111");
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
		w.run.captures[p].counts_lost = true;
	r = judge(&w);
	expect("counted", &r, VERDICT_PASS);
	cr_expect(r.ledger.provable);
	cr_expect_eq(r.ledger.events, 12);
	cr_expect_eq(r.ledger.duration_ns, SEC_NS + 7 * STEP_NS);
	w.run.captures[POINT_SRC_POD].counts_lost = false;
	r = judge(&w);
	cr_expect_not(r.ledger.provable);
}

/* A segment of TCP, at one point. */
static void see_segment(struct world *w, enum point at, enum leg leg, uint32_t seq, uint16_t bytes, uint64_t ts_ns)
{
	struct witness s = sighting(at, leg, ts_ns);

	s.l4 = IPPROTO_TCP;
	s.sport = leg == LEG_REPLY ? 80 : 40000;
	s.dport = leg == LEG_REPLY ? 40000 : 80;
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
		w.flow.setup.l4 = IPPROTO_TCP;
		for (unsigned step = 0; step < POINT_MAX; step++) {
			uint64_t ts_ns = NOW_NS + step * STEP_NS;

			if (step != 2) {
				see_segment(&w, leg_point(LEG_REQUEST, step), LEG_REQUEST, 5000, step ? received : 1000,
					    ts_ns);
				see_segment(&w, leg_point(LEG_REPLY, step), LEG_REPLY, 1, 10, ts_ns + 9 * STEP_NS);
			}
			if (step == 0)
				see_segment(&w, POINT_SRC_POD, LEG_REQUEST, 6000, 1000, ts_ns + 1);
		}
		/* every capture runs before and after */
		for (enum point p = 0; p < POINT_MAX; p++) {
			note_time(&w.run.captures[p], NOW_NS - STEP_NS);
			note_time(&w.run.captures[p], NOW_NS + 20 * STEP_NS);
		}
		r = judge(&w);
		expect(received == 2000 ? "merged" : "half of it", &r,
		       received == 2000 ? VERDICT_PASS : VERDICT_INCONCLUSIVE);
		cr_expect_eq(r.legs[LEG_REQUEST].packets, 2);
		cr_expect_eq(r.legs[LEG_REQUEST].arrived, received / 1000);
	}
}
