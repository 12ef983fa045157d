/* SPDX-License-Identifier: GPL-2.0-only */
/* One packet's evidence never serves another: packets with the same headers, reused skbs, copies, fragments. */
#include <criterion/criterion.h>

#include "hook_paths.h"

/* Records of a packet of these headers in this skb. */
static void walk_packet(struct world *w, const struct hook_event *headers, enum direction dir, uint64_t skb,
			const struct hook_path_step *path, size_t n)
{
	for (size_t i = 0; i < n && path[i].hook != ST_HOOK_MAX; i++) {
		struct hook_event at = echo_at(w, dir, 0, &path[i]), e = *headers;

		e.ts_ns = at.ts_ns;
		e.hook = at.hook;
		e.skb = skb;
		e.reverse = at.reverse;
		e.netns = at.netns;
		e.ifindex = at.ifindex;
		e.orig_netns = at.orig_netns;
		e.orig_ifindex = at.orig_ifindex;
		world_add(w, &e);
	}
}

/* Headers that do not tell one packet from the next: UDP over IPv6 or with id 0, a SYN-ACK or a SYN sent again. */
static const struct hook_event same_headers[] = {
	{.has_l4 = true, .l4 = IPPROTO_UDP, .sport = 4000, .dport = 53, .payload_bytes = 4},
	{.has_l4 = true, .l4 = IPPROTO_TCP, .sport = 4000, .dport = 80, .l4_seq = 9, .tcp_flags = 2},
	{.has_l4 = true, .l4 = IPPROTO_TCP, .sport = 80, .dport = 4000, .l4_seq = 9, .tcp_flags = 0x12},
	{.has_l4 = true, .l4 = IPPROTO_ICMPV6, .icmp_type = 128, .sport = PING_ID, .dport = 1},
};

Test(custody, the_second_packet_does_not_complete_the_first)
{
	for (size_t i = 0; i < ARRAY_SIZE(same_headers); i++) {
		for (size_t got = 1; got < 4; got++) {
			/* in another skb, or in the same one, which was reused */
			for (uint64_t skb = 1000; skb <= 2000; skb += 1000) {
				_cleanup_world_ struct world w;
				struct check_result r;

				world_init(&w);
				w.evidence.setup.l4 = same_headers[i].l4;
				walk_packet(&w, &same_headers[i], DIRECTION_REPLY, 500, hook_path_peer, 9);
				walk_packet(&w, &same_headers[i], DIRECTION_REQUEST, 1000, hook_path_peer, got);
				walk_packet(&w, &same_headers[i], DIRECTION_REQUEST, skb, hook_path_peer, 9);
				r = judge(&w);
				expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
				expect_reason(&r, REASON_LEG_INCOMPLETE, "request: 1 of 2 packets");
			}
		}
	}
}

Test(custody, a_dropped_packet_is_not_the_one_sent_again)
{
	for (size_t i = 0; i < ARRAY_SIZE(same_headers); i++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		w.evidence.setup.l4 = same_headers[i].l4;
		walk_packet(&w, &same_headers[i], DIRECTION_REPLY, 500, hook_path_peer, 9);
		walk_packet(&w, &same_headers[i], DIRECTION_REQUEST, 1000, hook_path_peer, 2);
		walk_packet(&w, &same_headers[i], DIRECTION_REQUEST, 1000,
			    (struct hook_path_step[]){{ST_HOOK_DROP, 1, 0}, HOOK_PATH_END}, 9);
		walk_packet(&w, &same_headers[i], DIRECTION_REQUEST, 1000, hook_path_peer, 9);
		r = judge(&w);
		expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
		expect_reason(&r, REASON_LEG_DROPPED, "request: 1 of 2 packets");
	}
}

Test(custody, packets_with_the_same_headers_are_counted_one_by_one)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.evidence.setup.l4 = IPPROTO_UDP;
	for (unsigned i = 0; i < 40; i++) /* all under way at a time */
		walk_packet(&w, &same_headers[0], DIRECTION_REQUEST, 1000 + i, hook_path_peer, 1);
	for (unsigned i = 0; i < 40; i++)
		walk_packet(&w, &same_headers[0], DIRECTION_REQUEST, 1000 + i, hook_path_peer + 1, 9);
	walk_packet(&w, &same_headers[0], DIRECTION_REPLY, 500, hook_path_peer, 9);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 40);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].arrived, 40);
}

/* Ours is swallowed on the host; somebody's ping of the same number gets the address of its skb. Netfilter's hooks see
 * it first, before it has a device. */
Test(custody, a_foreign_ping_in_a_reused_skb_is_not_ours)
{
	static const struct hook_path_step before[] = {{ST_HOOK_NETFILTER, 0, 0}, HOOK_PATH_END};
	const struct hook_event ours = {
		.has_l4 = true, .l4 = IPPROTO_ICMP, .icmp_type = 8, .sport = PING_ID, .dport = 1};
	struct hook_event theirs = ours;

	theirs.sport++;
	for (int with_device = 0; with_device < 2; with_device++) {
		_cleanup_world_ struct world w;
		struct hook_event first;
		struct check_result r;

		world_init(&w);
		w.evidence.setup.ping_id = PING_ID;
		w.evidence.setup.pings_sent = 1;
		walk_packet(&w, &ours, DIRECTION_REQUEST, 1000, hook_path_peer, 3);
		first = echo_at(&w, DIRECTION_REQUEST, 1, before);
		first.skb = 1000;
		first.sport = theirs.sport;
		if (!with_device)
			first.netns = first.ifindex = 0;
		world_add(&w, &first);
		walk_packet(&w, &theirs, DIRECTION_REQUEST, 1000, hook_path_peer, 9);
		walk_packet(&w, &ours, DIRECTION_REPLY, 500, hook_path_peer, 9);
		r = judge(&w);
		cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].arrived, 0);
	}
}

/* --- copies --- */

static void copied_after(struct world *w, const struct hook_path_step *of_copy, uint64_t attached_ns)
{
	const struct hook_event e = {.has_l4 = true, .l4 = IPPROTO_ICMP, .icmp_type = 8, .sport = PING_ID, .dport = 1};

	world_init(w);
	w->evidence.setup.attached_ns = attached_ns;
	walk_packet(w, &e, DIRECTION_REPLY, 500, hook_path_peer, 9);
	walk_packet(w, &e, DIRECTION_REQUEST, 1000, hook_path_peer, 2);
	walk_packet(w, &e, DIRECTION_REQUEST, 7000, of_copy, 9);
	walk_packet(w, &e, DIRECTION_REQUEST, 1000, hook_path_peer + 2, 9);
}

static void copied(struct world *w, const struct hook_path_step *of_copy)
{
	copied_after(w, of_copy, 0);
}

Test(custody, a_copy_elsewhere_is_nothing)
{
	static const struct hook_path_step nowhere[HOOK_PATH_MAX] = {
		{ST_HOOK_FORWARD, 1, 0}, {ST_HOOK_DROP, 1, 0}, HOOK_PATH_END};
	_cleanup_world_ struct world w;
	struct check_result r;

	copied(&w, nowhere);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 1);
}

Test(custody, a_copy_on_the_veth_to_be_skipped_fails)
{
	static const struct hook_path_step crossed[HOOK_PATH_MAX] = {{ST_HOOK_VETH, 2, 0}, HOOK_PATH_END};
	_cleanup_world_ struct world w;
	struct check_result r;

	copied(&w, crossed);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "request: 1 of 2 packets");
}

/* Where the driver cannot be watched, a copy is first seen in the far pod. */
Test(custody, a_copy_that_arrives_is_inconclusive)
{
	static const struct hook_path_step arrives[HOOK_PATH_MAX] = {
		{ST_HOOK_RECEIVE, 3, 0}, {ST_HOOK_IP_RCV, 3, 3}, HOOK_PATH_END};
	_cleanup_world_ struct world w;
	struct check_result r;

	copied(&w, arrives);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	world_clear(&w);
	copied_after(&w, arrives, 1); /* right after attaching, too: it is a copy of a packet that began since */
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "request: 1 of 2 packets");
}

/* What carried the copy did not carry the packet. */
Test(custody, the_way_of_a_copy_is_not_the_packets)
{
	static const struct hook_path_step forwarded[HOOK_PATH_MAX] = {
		{ST_HOOK_FORWARD, 1, 0}, {ST_HOOK_RECEIVE, 3, 0}, {ST_HOOK_IP_RCV, 3, 3}, HOOK_PATH_END};
	_cleanup_world_ struct world w;
	struct check_result r;

	copied(&w, forwarded);
	r = judge(&w);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	expect_reason(&r, REASON_NO_POSITIVE_EVIDENCE, "request: 1 of 2 packets");
}

/* The rest of the way in another skb is somebody else's, but a device may hand a packet on in a new one. */
Test(custody, the_rest_in_another_skb_is_no_evidence)
{
	const struct hook_event e = {.has_l4 = true, .l4 = IPPROTO_ICMP, .icmp_type = 8, .sport = PING_ID, .dport = 1};

	for (size_t at = 1; at < 5; at++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk_packet(&w, &e, DIRECTION_REPLY, 500, hook_path_peer, 9);
		walk_packet(&w, &e, DIRECTION_REQUEST, 1000, hook_path_peer, at);
		walk_packet(&w, &e, DIRECTION_REQUEST, 7000, hook_path_peer + at, 9);
		r = judge(&w);
		cr_expect_eq(r.verdict, at == 1 ? VERDICT_PASS : VERDICT_INCONCLUSIVE, "from record %zu on", at);
	}
}

/* --- what cannot be read --- */

Test(custody, what_cannot_be_parsed_is_inconclusive)
{
	/* behind destination options; an echo of which only the IP header is within reach; not even that */
	static const uint8_t protocols[] = {60, IPPROTO_ICMP, 0};

	for (unsigned i = 0; i < 2 * ARRAY_SIZE(protocols); i++) {
		const struct hook_event unparsed = {
			.hook = ST_HOOK_XMIT, .unparsed = true, .l4 = protocols[i / 2], .skb = 9};
		unsigned pings = i % 2;
		bool pass = pings && i / 2 == 0; /* our pings have no options */
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		w.evidence.setup.l4 = IPPROTO_ICMP;
		w.evidence.setup.ping_id = PING_ID;
		w.evidence.setup.pings_sent = pings;
		walk_both(&w, 1, hook_path_peer);
		world_add(&w, &unparsed);
		r = judge(&w);
		expect_verdict(&r, pass ? VERDICT_PASS : VERDICT_INCONCLUSIVE, !pass);
		if (!pass)
			expect_reason(&r, REASON_NOT_FOLLOWED, "at 1 hooks");
	}
}

/* Datagrams over IPv6 have the same headers. The record of the second one's transmission was lost, its skb is that of
 * the first: it is no other way of the first. */
Test(custody, what_follows_the_end_is_another_packet)
{
	static const struct hook_path_step again[HOOK_PATH_MAX] = {
		{ST_HOOK_VETH, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_REDIRECT, 1, 0},
		{ST_HOOK_PEER, 3, 0}, {ST_HOOK_IP_RCV, 3, 1},  HOOK_PATH_END,
	};

	for (size_t first = 0; first < 2; first++) {
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		walk(&w, DIRECTION_REPLY, 1, hook_path_peer);
		walk(&w, DIRECTION_REQUEST, 1, hook_path_peer);
		walk(&w, DIRECTION_REQUEST, 1, again + first); /* walk() gives it the skb of its sequence number */
		w.run.ledger.lost_ring = 1;
		r = judge(&w);
		cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE, "%zu", first);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].by_mechanism[MECH_MIXED], 0, "%zu", first);
	}
}

/* A datagram of two fragments, the first of which shows the port. */
static void walk_fragments(struct world *w, enum direction dir, bool v6, uint16_t id, bool other_port, bool with_first,
			   const struct hook_path_step *path)
{
	struct hook_event first = {.has_l4 = true, .l4 = IPPROTO_UDP, .sport = 4000, .dport = 53, .is_fragment = true},
			  later = {.l4 = IPPROTO_UDP, .frag_off = 100, .is_fragment = true};

	first.other_port = other_port;
	first.ip_id = later.ip_id = v6 ? 0 : id;
	first.fragment_id = later.fragment_id = v6 ? id : 0;
	if (with_first)
		walk_packet(w, &first, dir, id * 10u, path, 9);
	walk_packet(w, &later, dir, id * 10u + 1, path, 9);
}

Test(custody, a_later_fragment_belongs_to_its_first)
{
	static const struct {
		bool other_port, with_first, crosses;
		enum verdict verdict;
	} cases[] = {
		{true, true, true, VERDICT_PASS}, /* another port's may go where it likes */
		{false, true, true, VERDICT_FAIL},
		{false, true, false, VERDICT_PASS},
		{false, false, true, VERDICT_INCONCLUSIVE}, /* whose it is is not known */
		{false, false, false, VERDICT_INCONCLUSIVE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases) * 2; i++) {
		bool v6 = i >= ARRAY_SIZE(cases);
		size_t c = i % ARRAY_SIZE(cases);
		_cleanup_world_ struct world w;
		struct check_result r;

		world_init(&w);
		w.evidence.setup.l4 = IPPROTO_UDP;
		w.evidence.setup.has_port = true;
		walk_packet(&w, &same_headers[0], DIRECTION_REQUEST, 1, hook_path_peer, 9);
		walk_packet(&w, &same_headers[0], DIRECTION_REPLY, 2, hook_path_peer, 9);
		walk_fragments(&w, DIRECTION_REQUEST, v6, 77, cases[c].other_port, cases[c].with_first,
			       cases[c].crosses ? hook_path_host_stack : hook_path_peer);
		r = judge(&w);
		cr_expect_eq(r.verdict, cases[c].verdict, "case %zu: %s", i, verdict_name(r.verdict));
		if (!cases[c].with_first)
			expect_reason(&r, REASON_NOT_FOLLOWED, "request: of 1 fragments");
	}
}

/* Without a port all fragments of the protocol are the flow's. */
Test(custody, without_a_port_fragments_are_packets)
{
	_cleanup_world_ struct world w;
	struct check_result r;

	world_init(&w);
	w.evidence.setup.l4 = IPPROTO_UDP;
	walk_fragments(&w, DIRECTION_REQUEST, false, 77, false, false, hook_path_peer);
	walk_fragments(&w, DIRECTION_REPLY, false, 78, false, true, hook_path_peer);
	r = judge(&w);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.directions[DIRECTION_REPLY].packets, 2);
}
