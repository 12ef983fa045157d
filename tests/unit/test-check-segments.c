/* SPDX-License-Identifier: GPL-2.0-only */
/* Segments that are merged or cut between two points: what counts as seen, and what must not. */
#include <criterion/criterion.h>

#include "hook_paths.h"

#define MSS 1000u

struct piece {
	uint32_t seq;
	uint16_t bytes;
	uint8_t flags;
};

/* One segment, seen by the records [from, to) of the path. */
static void send_segment(struct world *w, enum direction dir, struct piece s, const struct hook_path_step *path,
			 size_t from, size_t to)
{
	for (size_t i = from; i < to && path[i].hook != ST_HOOK_MAX; i++) {
		struct hook_event e = echo_at(w, dir, 0, &path[i]);

		e.l4 = IPPROTO_TCP;
		e.skb += s.seq; /* what is merged stays in the skb of the first */
		e.sport = dir == DIRECTION_REQUEST ? 40000 : 80;
		e.dport = dir == DIRECTION_REQUEST ? 80 : 40000;
		e.l4_seq = s.seq;
		e.payload_bytes = s.bytes;
		e.tcp_flags = 0x10 | s.flags;
		world_add(w, &e);
	}
}

static void start(struct world *w)
{
	world_init(w);
	w->evidence.setup.l4 = IPPROTO_TCP;
	/* an answer, so that the request alone decides */
	send_segment(w, DIRECTION_REPLY, (struct piece){1, 10, 0}, hook_path_peer, 0, HOOK_PATH_MAX);
}

/* Three segments leave and one, by GRO of the near host device, goes on. */
static void merged(struct world *w, uint32_t seq, uint8_t last_flags, const struct hook_path_step *path, size_t at)
{
	for (uint32_t i = 0; i < 3; i++)
		send_segment(w, DIRECTION_REQUEST, (struct piece){seq + i * MSS, MSS, i == 2 ? last_flags : 0}, path, 0,
			     at);
	send_segment(w, DIRECTION_REQUEST, (struct piece){seq, 3 * MSS, last_flags}, path, at, HOOK_PATH_MAX);
}

Test(segments, merged_ones_arrive)
{
	static const uint32_t seqs[] = {1000, 0xfffffa00}; /* the second wraps */
	static const uint8_t flags[] = {0, 8};		   /* with PSH the merged one is none of the three */

	for (size_t i = 0; i < 4; i++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		start(&w);
		merged(&w, seqs[i / 2], flags[i % 2], hook_path_peer, 1);
		r = judge(&w);
		expect_verdict(&r, VERDICT_PASS, 0);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 3);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].arrived, 3);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].points[POINT_SRC_HOST].packets, 3);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].points[POINT_DST_POD].packets, 3);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].points[POINT_DST_HOST].packets, 0);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].mechanism, MECH_REDIRECT_PEER);
		cr_expect_eq(evidence_table_under_way(&w.evidence), 0);
	}
}

Test(segments, one_that_is_cut_arrives_in_pieces)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	start(&w);
	send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, 3 * MSS, 8}, hook_path_peer, 0, 2);
	for (uint32_t i = 0; i < 3; i++)
		send_segment(&w, DIRECTION_REQUEST, (struct piece){1000 + i * MSS, MSS, i == 2 ? 8 : 0}, hook_path_peer,
			     2, HOOK_PATH_MAX);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 1);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].arrived, 1);
}

Test(segments, merged_on_the_veth_to_be_skipped_fails)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	start(&w);
	merged(&w, 1000, 8, hook_path_host_stack, 1);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	cr_expect_geq(r.directions[DIRECTION_REQUEST].points[POINT_DST_HOST].packets, 3);
}

/* A gap between the pieces, or one that is missing at the end: its bytes did not arrive. */
Test(segments, a_gap_is_no_arrival)
{
	for (uint32_t gone = 0; gone < 3; gone++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		start(&w);
		send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, 3 * MSS, 8}, hook_path_peer, 0, 2);
		for (uint32_t i = 0; i < 3; i++)
			if (i != gone)
				send_segment(&w, DIRECTION_REQUEST, (struct piece){1000 + i * MSS, MSS, 0},
					     hook_path_peer, 2, HOOK_PATH_MAX);
		r = judge(&w);
		cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE, "without piece %u", gone);
		cr_expect_gt(evidence_table_under_way(&w.evidence), 0);
	}
}

/* The bytes came, but in another segment that left the pod itself: the first one is missing all the same. */
Test(segments, a_retransmission_covers_nothing)
{
	for (uint16_t size = 1; size <= 2; size++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		start(&w);
		send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, MSS, 0}, hook_path_peer, 0, 2);
		send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, MSS * size, 8}, hook_path_peer, 0,
			     HOOK_PATH_MAX);
		r = judge(&w);
		expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 2);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].arrived, 1);
	}
}

/* The same, when the one that was sent again is merged with the next. */
Test(segments, one_that_was_dropped_is_not_covered)
{
	static const struct hook_path_step dropped[HOOK_PATH_MAX] = {
		{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_DROP, 1, 0}, HOOK_PATH_END};
	_cleanup_world_ struct world w;
	struct check_result r;

	start(&w);
	/* another flag, as the IPv4 identification would be another: it is not the one sent again */
	send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, MSS, 0x20}, dropped, 0, HOOK_PATH_MAX);
	merged(&w, 1000, 8, hook_path_peer, 1);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].dropped, 1);
}

/* One of the covers came by another mechanism: what carried the covered one is not sure. */
Test(segments, the_mechanism_is_that_of_every_cover)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	start(&w);
	send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, 2 * MSS, 8}, hook_path_peer, 0, 2);
	send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, MSS, 0}, hook_path_redirect, 4, HOOK_PATH_MAX);
	send_segment(&w, DIRECTION_REQUEST, (struct piece){1000 + MSS, MSS, 8}, hook_path_peer, 3, HOOK_PATH_MAX);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].by_mechanism[MECH_REDIRECT_PEER], 0);
}

Test(segments, what_is_made_of_nothing_known_has_no_beginning)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	start(&w);
	send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, MSS, 0}, hook_path_peer, 0, HOOK_PATH_MAX);
	send_segment(&w, DIRECTION_REQUEST, (struct piece){1000 + MSS, 2 * MSS, 8}, hook_path_peer, 1, HOOK_PATH_MAX);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 2);
}

Test(segments, connections_do_not_cover_each_other)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	start(&w);
	send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, MSS, 0}, hook_path_peer, 0, 1);
	send_segment(&w, DIRECTION_REPLY, (struct piece){1000, 3 * MSS, 8}, hook_path_peer, 1, HOOK_PATH_MAX);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].arrived, 0);
}

/* The table was frozen between the pieces and what they became. */
Test(segments, a_frozen_table_still_completes_what_it_knows)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	start(&w);
	for (uint32_t i = 0; i < 2; i++)
		send_segment(&w, DIRECTION_REQUEST, (struct piece){1000 + i * MSS, MSS, 0}, hook_path_peer, 0, 1);
	w.evidence.frozen = true;
	send_segment(&w, DIRECTION_REQUEST, (struct piece){1000, 3 * MSS, 8}, hook_path_peer, 1, HOOK_PATH_MAX);
	send_segment(&w, DIRECTION_REQUEST, (struct piece){9000, MSS, 8}, hook_path_peer, 0, HOOK_PATH_MAX);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 2);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].arrived, 2);
}
