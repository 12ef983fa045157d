/* SPDX-License-Identifier: GPL-2.0-only */
#include "test-path-build.h"

#include "path/trace_summary.h"

static int on_packet(void *ctx, const struct packet *p)
{
	return trace_summary_add(ctx, p);
}

Test(trace_summary, a_ping_and_a_refused_datagram)
{
	struct event request = PING(1, REQUEST(1)), reply = PING(2, REPLY(1));
	struct event udp = PING(3, UDP(133, 67, 50518, 5354)), again = PING(4, UDP(133, 67, 50518, 5354));
	_cleanup_(trace_summary_freep) struct trace_summary *s = NULL;
	const struct flow_summary *const *flows;
	struct build b = {.ts_ns = START_NS};
	struct packets_opts opts = {.on_packet = on_packet};
	size_t n;

	cr_assert_eq(trace_summary_new(&s), 0);
	opts.ctx = s;
	cr_assert_eq(packets_new(&opts, &b.packets), 0);
	build_packet(&b, ping_peer_6_12, ARRAY_SIZE(ping_peer_6_12), &request);
	build_packet(&b, reply_peer_6_12, ARRAY_SIZE(reply_peer_6_12), &reply);
	build_packet(&b, udp_closed_6_12, ARRAY_SIZE(udp_closed_6_12), &udp);
	build_packet(&b, udp_closed_6_12, ARRAY_SIZE(udp_closed_6_12), &again);
	cr_assert_eq(packets_flush(b.packets), 0);
	packets_free(b.packets);

	flows = trace_summary_flows(s, &n);
	cr_assert_eq(n, 2);
	cr_expect_eq(flows[0]->packets, 2);
	cr_expect_eq(flows[0]->reverse_packets, 1);
	cr_expect_eq(flows[0]->ends[PACKET_DELIVERED], 1);
	cr_expect_eq(flows[0]->ends[PACKET_CONSUMED], 1);
	cr_expect_eq(flows[0]->n_drops, 0, "what was delivered was not dropped");
	cr_expect(flows[0]->first);
	cr_expect_eq(flows[0]->stages[STAGE_REDIRECT].runs, 4);
	cr_expect_eq(flows[1]->ends[PACKET_DROPPED], 2);
	cr_assert_eq(flows[1]->n_drops, 1);
	cr_expect_eq(flows[1]->drops[0].count, 2);
	cr_expect_str_eq(flows[1]->drops[0].reason, "NO_SOCKET");
	cr_expect_str_eq(flows[1]->drops[0].func, "__udp4_lib_rcv");
	cr_expect_not(flows[1]->first);
	cr_expect_str_eq(flows[1]->new_funcs[0], "udp4_hwcsum");
	for (uint64_t i = 0; i < flows[1]->n_new_funcs && i < SUMMARY_NEW_MAX; i++)
		cr_expect_str_neq(flows[1]->new_funcs[i], "ip_rcv", "the ping was there before");
	cr_expect_eq(flows[0]->n_new_funcs + flows[1]->n_new_funcs, trace_summary_funcs(s));
}

/* Bucket n: at least 2^(n-1) ns, less than 2^n. */
Test(trace_summary, buckets)
{
	_cleanup_(trace_summary_freep) struct trace_summary *s = NULL;
	static const struct {
		uint64_t ns;
		unsigned bucket;
	} cases[] = {{0, 0}, {1, 1}, {2, 2}, {3, 2}, {4, 3}, {1023, 10}, {1024, 11}, {UINT64_MAX, SUMMARY_BUCKETS - 1}};
	const struct flow_summary *const *flows;
	size_t n;

	cr_assert_eq(trace_summary_new(&s), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct packet p = {.flow = 1 + i, .end = PACKET_CONSUMED, .total_ns = cases[i].ns};

		cr_assert_eq(trace_summary_add(s, &p), 0);
		flows = trace_summary_flows(s, &n);
		cr_expect_eq(flows[i]->total.buckets[cases[i].bucket], 1, "%zu", i);
		cr_expect_eq(flows[i]->total.max_ns, cases[i].ns);
	}
}

Test(trace_summary, bounded)
{
	_cleanup_(trace_summary_freep) struct trace_summary *s = NULL;
	const struct flow_summary *const *flows;
	uint64_t packets = 0, drops = 0;
	char reasons[40][8];
	size_t n;

	cr_assert_eq(trace_summary_new(&s), 0);
	for (uint64_t i = 0; i < 3 * SUMMARY_FLOWS_MAX; i++) {
		struct packet p = {.flow = i, .end = PACKET_ALIVE};

		cr_assert_eq(trace_summary_add(s, &p), 0);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(reasons); i++) {
		struct packet p = {.flow = 1, .end = PACKET_DROPPED, .n_drops = 1};

		snprintf(reasons[i], sizeof(reasons[i]), "R%u", i);
		p.drops[0].reason_name = reasons[i];
		cr_assert_eq(trace_summary_add(s, &p), 0);
	}
	flows = trace_summary_flows(s, &n);
	cr_expect_eq(n, SUMMARY_FLOWS_MAX + 1);
	for (size_t i = 0; i < n; i++) {
		packets += flows[i]->packets;
		cr_expect_eq(flows[i]->packets > 1, flows[i]->flow <= 1, "flow %zu", i);
		for (unsigned d = 0; d < flows[i]->n_drops; d++)
			drops += flows[i]->drops[d].count;
	}
	cr_expect_eq(packets, 3 * SUMMARY_FLOWS_MAX + ARRAY_SIZE(reasons));
	cr_expect_eq(drops, ARRAY_SIZE(reasons));
}
