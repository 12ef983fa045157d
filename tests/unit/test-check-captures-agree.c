/* SPDX-License-Identifier: GPL-2.0-only */
/* Captures that are given for the wrong points. */
#include "four_captures.h"

static void permutation(unsigned number, enum point ret[POINT_MAX])
{
	bool used[POINT_MAX] = {false};

	for (unsigned at = 0, left = POINT_MAX; at < POINT_MAX; at++, left--) {
		unsigned skip = number % left;
		enum point p = 0;

		number /= left;
		for (;; p++) {
			if (!used[p] && !skip--)
				break;
		}
		used[p] = true;
		ret[at] = p;
	}
}

/* Whatever the flow did, and however its files are confused: that is no verdict on the flow. */
Test(captures_agree, swapped_files_are_noticed)
{
	static const struct {
		const char *name, *request, *reply;
		enum frame_kind near, far;
		enum verdict verdict;
	} cases[] = {
		{"redirect_peer", "1101", "1011", FRAME_SENT, FRAME_REWRITTEN, VERDICT_PASS},
		{"redirect_peer", "1101", "1011", FRAME_UNKNOWN, FRAME_UNKNOWN, VERDICT_PASS},
		{"host stack", "1111", "1111", FRAME_SENT, FRAME_REWRITTEN, VERDICT_FAIL},
		{"host stack", "1111", "1111", FRAME_UNKNOWN, FRAME_UNKNOWN, VERDICT_FAIL},
		{"request only", "1101", "1111", FRAME_UNKNOWN, FRAME_UNKNOWN, VERDICT_FAIL},
		{"netkit", "1011", "1101", FRAME_BARE, FRAME_BARE, VERDICT_FAIL},
		{"netkit in L2 mode", "1011", "1101", FRAME_SENT, FRAME_REWRITTEN, VERDICT_FAIL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (unsigned number = 0; number < 24; number++) {
			_cleanup_world_ struct world w;
			struct check_result r;

			world_init(&w, MECH_REDIRECT_PEER);
			permutation(number, w.label);
			w.near_frame = cases[i].near;
			w.far_frame = cases[i].far;
			ping(&w, 3, cases[i].request, cases[i].reply);
			r = judge(&w);
			expect(cases[i].name, &r, number ? VERDICT_INCONCLUSIVE : cases[i].verdict);
			if (number)
				cr_expect(has_reason(&r, REASON_CAPTURES_CONTRADICT, ""), "%s, permutation %u",
					  cases[i].name, number);
			else if (r.verdict == VERDICT_FAIL)
				cr_expect_eq(r.reasons[0].code,
					     cases[i].near == FRAME_BARE ? REASON_NETKIT : REASON_HOST_VETH_TRAVERSED,
					     "%s", cases[i].name);
		}
	}
}

/* A packet that is seen there has crossed, whether or not the capture before it was running. */
Test(captures_agree, a_frame_tells_the_far_side)
{
	for (unsigned rewritten = 0; rewritten < 2; rewritten++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w, MECH_REDIRECT_PEER);
		w.near_frame = FRAME_SENT;
		w.far_frame = rewritten ? FRAME_REWRITTEN : FRAME_SENT;
		walk(&w, DIRECTION_REQUEST, 1, NOW_NS, "1011");
		r = judge(&w);
		expect("far only", &r, rewritten ? VERDICT_FAIL : VERDICT_INCONCLUSIVE);
		cr_expect(has_reason(&r, rewritten ? REASON_HOST_VETH_TRAVERSED : REASON_CAPTURES_CONTRADICT, ""));
	}
}

/* With the same headers, captures that lack different packets are not swapped. */
Test(captures_agree, packets_that_are_off_by_one_are_in_order)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w, MECH_REDIRECT_PEER);
	w.l4 = IPPROTO_UDP;
	for (unsigned i = 1; i <= 4; i++)
		walk(&w, DIRECTION_REQUEST, 9, NOW_NS + i * SEC_NS, i == 1 ? "0111" : i == 4 ? "1000" : "1111");
	r = judge(&w);
	expect("off by one", &r, VERDICT_FAIL);
	cr_expect_not(has_reason(&r, REASON_CAPTURES_CONTRADICT, ""));
}
