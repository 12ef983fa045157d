/* SPDX-License-Identifier: GPL-2.0-only */
/* Two recordings of a hundred thousand events, read and compared packet by packet: alike, and of different ways. */
#include "micro.h"

#include <stdlib.h>

#include "base/buf.h"
#include "path/packet_diff.h"
#include "path/packets.h"
#include "record/reader.h"

#define EVENTS	  100000u
#define OF_FILE	  512u
#define FLOW_STEP 50000000u /* nanoseconds from one round to the next */

struct side {
	struct event events[OF_FILE]; /* of the example */
	size_t n;
	uint64_t last_pkt;
	struct record_reader *reader; /* owns their strings */
};

static struct side peer, stack;

static int keep(void *ctx, const struct event *ev)
{
	struct side *s = ctx;

	if (s->n < OF_FILE)
		s->events[s->n++] = *ev;
	s->last_pkt = ev->pkt > s->last_pkt ? ev->pkt : s->last_pkt;
	return 0;
}

static void load(struct side *s, const char *path)
{
	struct record_sink sink = {.event = keep, .ctx = s};
	struct buf bytes = {0};

	must(buf_read_file(path, &bytes), path);
	must(record_reader_new(&sink, &s->reader), "record_reader_new");
	must(record_reader_feed(s->reader, bytes.data, bytes.len, NULL), path);
	buf_free(&bytes);
}

static struct packet_list packets_of(const struct side *s)
{
	struct packet_list list = {0};
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = &list};
	struct packets *packets;

	must(packets_new(&opts, &packets), "packets_new");
	for (uint64_t i = 0; i < EVENTS; i++) {
		struct event ev = s->events[i % s->n];
		uint64_t round = i / s->n;

		ev.pkt += round * s->last_pkt;
		ev.ts_ns += round * FLOW_STEP;
		ev.tuple.icmp_seq = (uint16_t)(ev.tuple.icmp_seq + round);
		must(packets_add(packets, &ev), "packets_add");
	}
	must(packets_flush(packets), "packets_flush");
	packets_free(packets);
	return list;
}

static void compare(const struct side *x, const struct side *y)
{
	struct packet_list a = packets_of(x), b = packets_of(y);
	struct diff_pair *pairs;
	size_t n;

	must(diff_pairs(&a, &b, &pairs, &n), "diff_pairs");
	for (size_t i = 0; i < n; i++) {
		struct diff d = {0};

		if (pairs[i].a == SIZE_MAX || pairs[i].b == SIZE_MAX)
			continue;
		must(diff_packets(&a.items[pairs[i].a], &b.items[pairs[i].b], &d), "diff_packets");
		diff_free(&d);
	}
	free(pairs);
	packet_list_clear(&a);
	packet_list_clear(&b);
}

static void alike(void)
{
	compare(&peer, &peer);
}

static void apart(void)
{
	compare(&peer, &stack);
}

const struct bench *bench_diff(void)
{
	static const struct bench benches[] = {
		{"diff, 100 000 events alike", "event", alike, EVENTS},
		{"diff, 100 000 events apart", "event", apart, EVENTS},
		{0},
	};

	load(&peer, EXAMPLES "/redirect-peer.skbt");
	load(&stack, EXAMPLES "/host-stack.skbt");
	return benches;
}
