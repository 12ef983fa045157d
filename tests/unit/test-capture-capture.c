/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole files, as libpcap reads them; and which of several devices a packet is counted on. */
#include <criterion/criterion.h>

#include <errno.h>

#include "read_capture.h"

Test(capture, pcap_of_either_byte_order_and_resolution)
{
	for (unsigned i = 0; i < 4; i++) {
		_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
		struct reason reason = {0};
		struct bytes f = {0};
		struct seen seen;

		put_pcap(&f, i & 1, i & 2);
		cr_assert_eq(read_at(&f, POINT_DST_HOST, &seen, &facts, &reason), 0, "%s", reason.text);
		cr_assert_eq(seen.n, 2);
		cr_expect_not(seen.v[0].reverse);
		cr_expect(seen.v[1].reverse);
		cr_expect_eq(seen.v[0].ts_ns, NOW_NS + 1000);
		cr_expect_eq(seen.v[0].hook, ST_HOOK_XMIT);
		cr_expect_eq(seen.v[0].sport, 7);
		cr_expect_eq(seen.v[0].dport, 300);
		cr_expect_eq(facts.packets, 3);
		cr_expect_eq(facts.flow_packets, 2);
		cr_expect_eq(facts.first_ns, NOW_NS, "of any kind");
		cr_expect_eq(facts.last_ns, NOW_NS + 5002000);
		cr_expect_not(facts.counts_lost, "pcap has no such count");
	}
}

Test(capture, other_flows_are_not_taken)
{
	_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
	struct bytes f = {0}, frame = {0};
	struct seen seen;

	pcap_begin(&f, false, false, DLT_EN10MB);
	put_eth(&frame, 0x0800);
	put_ip4(&frame, false, IPPROTO_ICMP, 0, 8);
	put_echo(&frame, 0, 1); /* a reply in the request's direction */
	pcap_packet(&f, NOW_NS, false, &frame, frame.n);
	frame.n = 0;
	put_eth(&frame, 0x0800);
	put_ip4(&frame, false, IPPROTO_UDP, 0, 8);
	put_echo(&frame, 8, 1);
	pcap_packet(&f, NOW_NS, false, &frame, frame.n);
	frame.n = 0;
	put_eth(&frame, 0x86dd);
	put_ping6(&frame, false, 1);
	pcap_packet(&f, NOW_NS, false, &frame, frame.n);
	frame.n = 0;
	put_eth(&frame, 0x0800);
	put_ping4(&frame, false, 1);
	frame.b[14 + 15]++; /* another source */
	pcap_packet(&f, NOW_NS, false, &frame, frame.n);
	cr_assert_eq(read_at(&f, POINT_SRC_POD, &seen, &facts, NULL), 0);
	cr_expect_eq(seen.n, 0);
	cr_expect_eq(facts.packets, 4);
}

Test(capture, short_snapshots_are_counted_where_they_matter)
{
	_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
	struct bytes f = {0}, frame = {0};
	struct seen seen;

	pcap_begin(&f, false, false, DLT_EN10MB);
	put_eth(&frame, 0x0800);
	put_ping4(&frame, false, 1);
	pcap_packet(&f, NOW_NS, false, &frame, 14 + 20 + 4); /* of the flow, without its id */
	pcap_packet(&f, NOW_NS, false, &frame, 14 + 10);     /* might be anything */
	frame.b[14 + 15]++;
	pcap_packet(&f, NOW_NS, false, &frame, 14 + 20 + 4); /* another flow */
	frame.n = 0;
	put_eth(&frame, 0x0806);
	pcap_packet(&f, NOW_NS, false, &frame, 14);
	cr_assert_eq(read_at(&f, POINT_SRC_POD, &seen, &facts, NULL), 0);
	cr_expect_eq(seen.n, 0);
	cr_expect_eq(facts.cut, 2);
}

Test(capture, unknown_link_types_are_named)
{
	_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
	struct reason reason = {0};
	struct bytes f = {0};
	struct seen seen;

	pcap_begin(&f, false, false, 105); /* IEEE 802.11 */
	cr_expect_eq(read_at(&f, POINT_SRC_POD, &seen, &facts, &reason), -EPROTONOSUPPORT);
	cr_expect(strstr(reason.text, "IEEE802_11"), "%s", reason.text);
}

/* Cut between records a pcap file is whole; anywhere else the error tells which packet. */
Test(capture, pcap_cut_at_every_byte)
{
	struct bytes whole = {0};

	put_pcap(&whole, false, false);
	for (size_t n = 0; n < whole.n; n++) {
		struct capture_facts facts = {.packets = 99};
		struct reason reason = {0};
		struct bytes f = whole;
		bool between = n == 24 || n == 24 + 16 + 14 || n == 24 + 16 + 14 + 16 + 42;
		struct seen seen;
		int r;

		f.n = n;
		r = read_at(&f, POINT_SRC_POD, &seen, &facts, &reason);
		if (between) {
			cr_expect_eq(r, 0, "%zu bytes: %s", n, reason.text);
			capture_facts_clear(&facts);
			continue;
		}
		cr_expect_eq(r, n < 24 ? -EINVAL : -EBADMSG, "%zu bytes: %d", n, r);
		cr_expect_eq(facts.packets, 99, "left alone");
		cr_expect_eq(seen.n, 0, "nothing of a broken file is filed");
		if (n > 24)
			cr_expect(strstr(reason.text, n < 54	? "packet 1:"
						      : n < 112 ? "packet 2:"
								: "packet 3:"),
				  "%zu: %s", n, reason.text);
	}
}

static void put_pcapng(struct bytes *f, uint64_t lost)
{
	struct bytes frame = {0};

	put_eth(&frame, 0x0800);
	put_ping4(&frame, false, 1);
	ng_section(f, false);
	ng_interface(f, DLT_EN10MB, "lxc2");
	ng_packet(f, 0, NOW_NS, &frame, 0);
	ng_statistics(f, 0, lost, 0);
}

Test(capture, pcapng_counts_what_was_lost)
{
	for (uint64_t lost = 0; lost < 3; lost++) {
		_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
		struct reason reason = {0};
		struct bytes f = {0};
		struct seen seen;

		put_pcapng(&f, lost);
		cr_assert_eq(read_at(&f, POINT_DST_HOST, &seen, &facts, &reason), 0, "%s", reason.text);
		cr_expect_eq(seen.n, 1);
		cr_expect_eq(seen.v[0].ts_ns, NOW_NS);
		cr_expect(facts.counts_lost);
		cr_expect_eq(facts.lost, lost);
		cr_expect_str_eq(facts.ifname, "lxc2");
	}
}

Test(capture, pcapng_cut_at_every_byte)
{
	struct bytes whole = {0};

	put_pcapng(&whole, 0);
	for (size_t n = 0; n < whole.n; n++) {
		_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
		struct bytes f = whole;
		struct seen seen;
		int r;

		f.n = n;
		r = read_at(&f, POINT_SRC_POD, &seen, &facts, NULL);
		cr_expect(r == 0 || r == -EINVAL || r == -EBADMSG, "%zu bytes: %d", n, r);
	}
}

/* Two interfaces in one file are one device's worth in a pod, and cannot be told apart on the host. */
Test(capture, pcapng_of_two_interfaces)
{
	_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
	struct bytes f = {0}, frame = {0};
	struct seen seen;

	put_eth(&frame, 0x0800);
	put_ping4(&frame, false, 1);
	ng_section(&f, true);
	ng_interface(&f, DLT_EN10MB, "eth0");
	ng_interface(&f, DLT_EN10MB, "net1");
	ng_packet(&f, 0, NOW_NS, &frame, 0);
	ng_packet(&f, 1, NOW_NS + 1000, &frame, 0);
	ng_statistics(&f, 0, 0, 0);
	cr_assert_eq(read_at(&f, POINT_SRC_POD, &seen, &facts, NULL), 0);
	cr_expect_eq(seen.n, 2);
	capture_facts_clear(&facts);
	cr_assert_eq(read_at(&f, POINT_SRC_HOST, &seen, &facts, NULL), 0);
	cr_expect_eq(seen.n, 0);
	cr_expect_eq(facts.ambiguous, 2);
	cr_expect_eq(facts.flow_packets, 0);
	cr_expect_not(facts.counts_lost, "one interface counted is not both");
}

/* One tcpdump -i any on the host, given for both of its veths (lxc1 is 20, lxc2 is 22). Rows: direction of the packet,
 * of the device, which device. */
struct on_host {
	bool reverse, out;
	uint32_t ifindex;
};

static const struct on_host redirect_peer[] = {{false, false, 20}, {true, false, 22}};
static const struct on_host host_stack[] = {{false, false, 20}, {false, true, 22}, {true, false, 22}, {true, true, 20}};
static const struct on_host netkit[] = {{false, true, 22}, {true, true, 20}};
static const struct on_host no_reply[] = {{false, false, 20}};

static void put_any(struct bytes *f, const struct on_host *rows, size_t n, bool v2)
{
	pcap_begin(f, false, false, v2 ? 276 : 113);
	for (size_t i = 0; i < n; i++) {
		struct bytes frame = {0};

		if (v2)
			put_sll2(&frame, rows[i].out ? OUTGOING : 0, rows[i].ifindex, 0x0800);
		else
			put_sll(&frame, rows[i].out ? OUTGOING : 0, 0x0800);
		put_ping4(&frame, rows[i].reverse, 1);
		pcap_packet(f, NOW_NS, false, &frame, frame.n);
	}
}

Test(capture, any_on_the_host_is_split_by_device)
{
	static const struct {
		const char *name;
		const struct on_host *rows;
		size_t n;
		bool v2;
		enum point at;
		unsigned requests, replies, ambiguous;
	} cases[] = {
		{"peer", redirect_peer, 2, true, POINT_SRC_HOST, 1, 0, 0},
		{"peer", redirect_peer, 2, true, POINT_DST_HOST, 0, 1, 0},
		{"stack", host_stack, 4, true, POINT_SRC_HOST, 1, 1, 0},
		{"stack", host_stack, 4, true, POINT_DST_HOST, 1, 1, 0},
		{"netkit", netkit, 2, true, POINT_SRC_HOST, 0, 1, 0},
		{"netkit", netkit, 2, true, POINT_DST_HOST, 1, 0, 0},
		{"no reply", no_reply, 1, true, POINT_SRC_HOST, 1, 0, 0},
		{"no reply", no_reply, 1, true, POINT_DST_HOST, 0, 0, 1},
		/* v1 has no device: what goes in the wrong direction may or may not be on the point's */
		{"peer v1", redirect_peer, 2, false, POINT_SRC_HOST, 1, 0, 1},
		{"peer v1", redirect_peer, 2, false, POINT_DST_HOST, 0, 1, 1},
		{"stack v1", host_stack, 4, false, POINT_DST_HOST, 1, 1, 2},
		{"pod v1", host_stack, 4, false, POINT_DST_POD, 2, 2, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(capture_facts_clear) struct capture_facts facts = {0};
		unsigned requests = 0, replies = 0;
		struct bytes f = {0};
		struct seen seen;

		put_any(&f, cases[i].rows, cases[i].n, cases[i].v2);
		cr_assert_eq(read_at(&f, cases[i].at, &seen, &facts, NULL), 0);
		for (size_t k = 0; k < seen.n; k++)
			(*(seen.v[k].reverse ? &replies : &requests))++;
		cr_expect_eq(requests, cases[i].requests, "%s at %s", cases[i].name, point_name(cases[i].at));
		cr_expect_eq(replies, cases[i].replies, "%s at %s", cases[i].name, point_name(cases[i].at));
		cr_expect_eq(facts.ambiguous, cases[i].ambiguous, "%s at %s", cases[i].name, point_name(cases[i].at));
	}
}
