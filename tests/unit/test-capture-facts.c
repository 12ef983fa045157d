/* SPDX-License-Identifier: GPL-2.0-only */
/* What a capture file says beside its packets: when it was running, with which filter, how exactly it tells times. */
#include <criterion/criterion.h>

#include "read_capture.h"

static void put_frame(struct bytes *f, uint16_t seq)
{
	f->n = 0;
	put_eth(f, 0x0800);
	put_ping4(f, false, seq);
}

static void expect_windows(const struct capture_facts *f, size_t n, const uint64_t (*seconds)[2])
{
	cr_assert_eq(f->n_windows, n, "%zu windows", f->n_windows);
	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(f->windows[i].first_ns, NOW_NS + seconds[i][0] * 1000000000);
		cr_expect_eq(f->windows[i].last_ns, NOW_NS + seconds[i][1] * 1000000000);
	}
}

/* One section after another: nothing is known of the time between. */
Test(capture_facts, sections_are_captures_of_their_own)
{
	_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
	struct bytes f = {0}, frame = {0};
	struct seen seen;

	put_frame(&frame, 1);
	for (unsigned section = 0; section < 2; section++) {
		ng_section(&f, false);
		ng_interface(&f, DLT_EN10MB, "lxc2");
		for (unsigned i = 0; i < 2; i++)
			ng_packet(&f, 0, NOW_NS + (section * 10 + i * 3) * 1000000000ull, &frame, 0);
	}
	cr_assert_eq(read_at(&f, POINT_DST_HOST, &seen, &facts, NULL), 0);
	cr_expect_eq(seen.n, 4, "by name it is one device");
	expect_windows(&facts, 2, (const uint64_t[][2]){{0, 3}, {10, 13}});
	cr_expect_eq(facts.first_ns, NOW_NS);
	cr_expect_eq(facts.last_ns, NOW_NS + 13000000000);
}

/* On the host only the device of the point's own packets tells when it was captured. */
Test(capture_facts, another_interface_is_no_evidence_of_this_one)
{
	static const uint64_t times[][2] = {{0, 1}, {1, 2}, {1, 4}, {0, 9}}; /* interface, second */
	struct bytes f = {0}, frame = {0}, other = {0};

	put_frame(&frame, 1);
	put_eth(&other, 0x0806);
	ng_section(&f, false);
	ng_interface(&f, DLT_EN10MB, "lxc1");
	ng_interface(&f, DLT_EN10MB, "lxc2");
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		ng_packet(&f, times[i][0], NOW_NS + times[i][1] * 1000000000, times[i][0] ? &frame : &other, 0);
	for (enum point at = POINT_DST_HOST; at <= POINT_DST_POD; at++) {
		_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
		struct seen seen;

		cr_assert_eq(read_at(&f, at, &seen, &facts, NULL), 0);
		cr_expect_eq(seen.n, 2);
		expect_windows(&facts, 1,
			       at == POINT_DST_POD ? (const uint64_t[][2]){{1, 9}} : (const uint64_t[][2]){{2, 4}});
	}
}

/* Packets of several CPUs may be a little out of order; files put together the wrong way round are not one capture. */
Test(capture_facts, steps_back_in_time)
{
	static const struct {
		uint64_t seconds[4];
		size_t n;
		uint64_t windows[2][2];
	} cases[] = {
		{{0, 1, 2, 3}, 1, {{0, 3}}},	     {{0, 2, 1, 3}, 1, {{0, 3}}}, {{0, 3, 1, 2}, 1, {{0, 3}}},
		{{7, 9, 0, 3}, 2, {{0, 3}, {7, 9}}}, {{7, 9, 0, 8}, 1, {{0, 9}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
		struct bytes f = {0}, frame = {0};
		struct seen seen;

		put_frame(&frame, 1);
		pcap_begin(&f, false, false, DLT_EN10MB);
		for (size_t k = 0; k < 4; k++)
			pcap_packet(&f, NOW_NS + cases[i].seconds[k] * 1000000000, false, &frame, frame.n);
		cr_assert_eq(read_at(&f, POINT_DST_HOST, &seen, &facts, NULL), 0);
		expect_windows(&facts, cases[i].n, cases[i].windows);
	}
}

Test(capture_facts, resolution_of_time)
{
	static const struct {
		int option;
		uint64_t ns;
	} cases[] = {{-1, 1000}, {6, 1000}, {9, 1}, {3, 1000000}, {0, 1000000000}, {12, 1}, {0x80 | 10, 976563}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
		struct bytes f = {0}, frame = {0};
		struct reason reason = {0};
		struct seen seen;

		put_frame(&frame, 1);
		ng_section(&f, i & 1);
		ng_interface_with(&f, "lxc2", cases[i].option, NULL, 0);
		ng_packet(&f, 0, NOW_NS, &frame, 0);
		cr_assert_eq(read_at(&f, POINT_DST_HOST, &seen, &facts, &reason), 0, "%s", reason.text);
		cr_expect_eq(facts.resolution_ns, cases[i].ns, "%d: %lu", cases[i].option,
			     (unsigned long)facts.resolution_ns);
	}
	for (unsigned nano = 0; nano < 2; nano++) {
		_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
		struct bytes f = {0};
		struct seen seen;

		put_pcap(&f, true, nano);
		cr_assert_eq(read_at(&f, POINT_DST_HOST, &seen, &facts, NULL), 0);
		cr_expect_eq(facts.resolution_ns, nano ? 1 : 1000);
	}
}

Test(capture_facts, filters_that_pcapng_tells)
{
	char text[300] = "";
	struct bytes f = {0}, frame = {0};

	memset(text, ' ', sizeof(text) - 1);
	put_frame(&frame, 1);
	ng_section(&f, false);
	ng_interface_with(&f, "lxc1", 6, "icmp and src 10.0.0.133", 0);
	ng_interface_with(&f, "lxc2", 6, "\x01\x02", 1);
	ng_interface_with(&f, "lxc3", 6, text, 0);
	ng_interface_with(&f, "lxc4", 6, NULL, 0);
	ng_packet(&f, 0, NOW_NS, &frame, 0);
	for (enum point at = POINT_SRC_POD; at <= POINT_SRC_HOST; at++) {
		_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
		struct reason reason = {0};
		struct seen seen;

		cr_assert_eq(read_at(&f, at, &seen, &facts, &reason), 0, "%s", reason.text);
		cr_assert_eq(facts.n_filters, at == POINT_SRC_POD ? 3 : 1, "in a pod, of all its devices");
		cr_expect_str_eq(facts.filters[0].text, "icmp and src 10.0.0.133");
		cr_expect(facts.filters[0].readable);
		if (at == POINT_SRC_HOST)
			continue;
		cr_expect_not(facts.filters[1].readable, "instructions");
		cr_expect_not(facts.filters[2].readable, "too long");
		cr_expect_eq(strlen(facts.filters[2].text), sizeof(facts.filters[2].text) - 1);
	}
}

Test(capture_facts, frames_are_kept)
{
	_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
	struct bytes f = {0};
	struct seen seen;

	put_pcap(&f, false, false);
	cr_assert_eq(read_at(&f, POINT_DST_HOST, &seen, &facts, NULL), 0);
	cr_expect(seen.frames[0].has_src && seen.frames[0].has_dst && seen.frames[0].plain);
	cr_expect_eq(memcmp(seen.frames[0].dst_mac, "\2\0\0\0\0\1", 6), 0);
	cr_expect_eq(memcmp(seen.frames[0].src_mac, "\2\0\0\0\0\2", 6), 0);
	cr_expect_eq(seen.frames[0].ttl, 64);
	cr_expect_eq(facts.link_type, DLT_EN10MB);
}
