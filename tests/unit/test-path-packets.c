/* SPDX-License-Identifier: GPL-2.0-only */
/* Collecting packets: what belongs together, when it is over, and what happens where there is no room. */
#include "test-path-build.h"

#include <errno.h>

#include "path/packet_diff.h"
#include "path/flows.h"

Test(packets, request_and_reply)
{
	struct event request = PING(1, REQUEST(9)), reply = PING(2, REPLY(9)), other = PING(3, REPLY(8));
	struct packet_list list = {0};
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = &list};
	struct build b = {.ts_ns = START_NS};

	cr_assert_eq(packets_new(&opts, &b.packets), 0);
	build_packet(&b, ping_peer_6_12, ARRAY_SIZE(ping_peer_6_12), &request);
	build_packet(&b, reply_peer_6_12, ARRAY_SIZE(reply_peer_6_12), &reply);
	build_packet(&b, reply_peer_6_12, ARRAY_SIZE(reply_peer_6_12), &other);
	cr_assert_eq(packets_flush(b.packets), 0);
	packets_free(b.packets);
	cr_assert_eq(list.n, 3);
	cr_expect_eq(list.items[0].answered_by, 2);
	cr_expect_eq(list.items[0].answers, 0);
	cr_expect_eq(list.items[1].answers, 1);
	cr_expect_eq(list.items[1].answered_by, 0);
	cr_expect_eq(list.items[2].answers, 0, "another sequence number");
	cr_expect_eq(list.items[0].flow, 1);
	cr_expect_eq(list.items[1].flow, 1);
	cr_expect_not(list.items[0].reverse);
	cr_expect(list.items[1].reverse);
	packet_list_clear(&list);
}

/* What is called on behalf of a packet is no step of its path. */
Test(packets, calls_are_left_out)
{
	struct packet_list list = {0};
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = &list};
	struct event ev = PING(1, REQUEST(9)), call = ev;
	struct packets *packets;

	ev.func = "ip_rcv";
	call.func = "fib_table_lookup";
	call.source = ST_SRC_CALL;
	cr_assert_eq(packets_new(&opts, &packets), 0);
	cr_assert_eq(packets_add(packets, &call), 0);
	cr_assert_eq(packets_add(packets, &ev), 0);
	cr_assert_eq(packets_add(packets, &call), 0);
	cr_assert_eq(packets_flush(packets), 0);
	packets_free(packets);
	cr_assert_eq(list.n, 1);
	cr_expect_eq(list.items[0].n_steps, 1);
	packet_list_clear(&list);
}

/* The skb that the kernel looks a route up with is no packet. */
Test(packets, a_question_for_a_route_is_left_out)
{
	struct packet_list list = {0};
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = &list};
	struct event ev = PING(1, REQUEST(9)), end = ev, other = PING(2, REQUEST(9));
	struct packets *packets;

	ev.func = other.func = "ip_route_input_slow";
	end.func = "kfree_skb";
	end.source = ST_SRC_KFREE;
	end.has_location = true;
	end.drop_symbol = "inet_rtm_getroute";
	cr_assert_eq(packets_new(&opts, &packets), 0);
	cr_assert_eq(packets_add(packets, &ev), 0);
	cr_assert_eq(packets_add(packets, &end), 0);
	cr_assert_eq(packets_add(packets, &other), 0);
	cr_assert_eq(packets_flush(packets), 0);
	packets_free(packets);
	cr_assert_eq(list.n, 1);
	cr_expect_eq(list.items[0].pkt, 2);
	packet_list_clear(&list);
}

/* What waits for ARP is told when that has failed, as one packet. */
Test(packets, what_waits_is_not_over)
{
	static const struct visit waits[] = {{1, 2, 0, "eth0", "ip_output neigh_resolve_output __neigh_event_send"}};
	static const struct visit goes[] = {{1, 2, 0, "eth0", "ip_output neigh_resolve_output __dev_queue_xmit"}};
	struct event waiting = PING(1, REQUEST(9)), going = PING(2, REQUEST(8));
	struct packet_list list = {0};
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = &list, .idle_ns = PACKETS_IDLE_NS};
	struct build b = {.ts_ns = START_NS};

	cr_assert_eq(packets_new(&opts, &b.packets), 0);
	build_packet(&b, waits, 1, &waiting);
	build_packet(&b, goes, 1, &going);
	cr_assert_eq(packets_expire(b.packets, START_NS + 2 * PACKETS_IDLE_NS), 0);
	cr_assert_eq(list.n, 1);
	cr_expect_eq(list.items[0].pkt, 2);
	cr_assert_eq(packets_expire(b.packets, START_NS + 20 * PACKETS_IDLE_NS), 0);
	cr_assert_eq(list.n, 2, "no packet waits forever");
	packets_free(b.packets);
	packet_list_clear(&list);
}

Test(packets, flows)
{
	_cleanup_(flows_freep) struct flows *f = NULL;
	struct tuple there = TCP(133, 67, 40000, 80, 2), back = TCP(67, 133, 80, 40000, 0x12);
	struct tuple next = TCP(133, 67, 40001, 80, 2), udp = UDP(133, 67, 40000, 80), none = {0};
	struct tuple self = UDP(1, 1, 5, 6), self_back = UDP(1, 1, 6, 5);

	cr_assert_eq(flows_new(16, &f), 0);
	cr_expect_eq(flows_assign(f, 1, &there).flow, 1);
	cr_expect_eq(flows_assign(f, 2, &back).flow, 1);
	cr_expect(flows_assign(f, 2, &back).reverse);
	cr_expect_not(flows_assign(f, 3, &there).reverse);
	cr_expect_eq(flows_assign(f, 4, &next).flow, 2);
	cr_expect_eq(flows_assign(f, 5, &udp).flow, 3);
	cr_expect_eq(flows_assign(f, 6, &none).flow, 0);
	cr_expect_eq(flows_assign(f, 7, &self).flow, 4);
	cr_expect_eq(flows_assign(f, 8, &self_back).flow, 4);
	cr_expect(flows_assign(f, 8, &self_back).reverse);
}

Test(packets, flows_are_bounded)
{
	_cleanup_(flows_freep) struct flows *f = NULL;
	struct flows *none = NULL;

	cr_expect_eq(flows_new(0, &none), -EINVAL);
	cr_assert_eq(flows_new(3, &f), 0);
	for (uint16_t i = 1; i <= 10; i++) {
		struct tuple t = UDP(1, 2, i, 53);

		cr_expect_eq(flows_assign(f, i, &t).flow, i);
	}
	cr_expect_eq(flows_forgotten(f), 9);
}

static int count(void *ctx, const struct packet *p)
{
	uint64_t *seen = ctx;

	*seen = *seen * 10 + p->pkt;
	return 0;
}

Test(packets, idle_ones_are_over)
{
	struct event ev = {.pkt = 2, .func = "ip_rcv", .skb = 1, .ts_ns = 1000};
	uint64_t seen = 0;
	struct packets_opts opts = {.on_packet = count, .ctx = &seen, .idle_ns = 100};
	_cleanup_(packets_freep) struct packets *ps = NULL;

	cr_assert_eq(packets_new(&opts, &ps), 0);
	packets_add(ps, &ev);
	ev.pkt = 1;
	packets_add(ps, &ev);
	ev.pkt = 3;
	ev.ts_ns = 1050;
	packets_add(ps, &ev);
	cr_expect_eq(packets_expire(ps, 1099), 0);
	cr_expect_eq(seen, 0);
	cr_expect_eq(packets_expire(ps, 1100), 0);
	cr_expect_eq(seen, 12, "in the order of their numbers");
	cr_expect_eq(packets_expire(ps, 0), 0);
	cr_expect_eq(packets_flush(ps), 0);
	cr_expect_eq(seen, 123);
	cr_expect_eq(packets_flush(ps), 0);
	cr_expect_eq(seen, 123);
}

Test(packets, bounded_and_counted)
{
	uint64_t seen = 0;
	struct packets_opts opts = {.on_packet = count, .ctx = &seen, .max_packets = 4, .max_steps = 3};
	struct packets_counters counters;
	_cleanup_(packets_freep) struct packets *ps = NULL;

	cr_assert_eq(packets_new(&opts, &ps), 0);
	for (uint64_t i = 0; i <= 5; i++) {
		struct event ev = {.pkt = i, .func = "ip_rcv", .skb = 1, .ts_ns = 1000 + i};

		cr_expect_eq(packets_add(ps, &ev), 0);
	}
	cr_expect_eq(seen, 12, "the half that was idle longest made room");
	for (int i = 0; i < 5; i++) {
		struct event ev = {.pkt = 5, .func = "ip_rcv", .skb = 1, .ts_ns = 2000};

		cr_expect_eq(packets_add(ps, &ev), 0);
	}
	packets_counters(ps, &counters);
	cr_expect_eq(counters.no_packet, 1);
	cr_expect_eq(counters.early, 2);
	cr_expect_eq(counters.lost_steps, 3);
	cr_expect_eq(counters.packets, 2);
	cr_expect_eq(packets_flush(ps), 0);
	cr_expect_eq(seen, 12345);
}

static int refuse(void *ctx, _unused_ const struct packet *p)
{
	++*(int *)ctx;
	return -EPIPE;
}

Test(packets, the_callee_may_end_it)
{
	int calls = 0;
	struct packets_opts opts = {.on_packet = refuse, .ctx = &calls};
	_cleanup_(packets_freep) struct packets *ps = NULL;

	cr_assert_eq(packets_new(&opts, &ps), 0);
	for (uint64_t i = 1; i <= 5; i++) {
		struct event ev = {.pkt = i, .func = "ip_rcv", .skb = 1};

		packets_add(ps, &ev);
	}
	cr_expect_eq(packets_flush(ps), -EPIPE);
	cr_expect_eq(calls, 1);
	cr_expect_eq(packets_flush(ps), 0);
}

/* Many packets at a time through few slots: each is met once, none is lost. */
Test(packets, many)
{
	struct packet_list list = {0};
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = &list, .max_packets = 100};
	_cleanup_(packets_freep) struct packets *ps = NULL;
	size_t steps = 0;

	cr_assert_eq(packets_new(&opts, &ps), 0);
	for (uint64_t i = 0; i < 30000; i++) {
		struct event ev = {.pkt = 1 + i / 300 * 30 + i % 30, .func = "ip_rcv", .skb = i % 30, .ts_ns = i};

		cr_assert_eq(packets_add(ps, &ev), 0);
	}
	cr_assert_eq(packets_flush(ps), 0);
	cr_expect_eq(list.n, 3000);
	for (size_t i = 0; i < list.n; i++)
		steps += list.items[i].n_steps;
	cr_expect_eq(steps, 30000);
	packet_list_clear(&list);
}
