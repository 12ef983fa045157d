/* SPDX-License-Identifier: GPL-2.0-only */
/* multiply FILE EVENTS OUT [STEP]: a recording of that many events, made of FILE's events over and over, each time as
 * new packets at a later time. Every STEPth round misses its last event, so that two such recordings differ. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/parse.h"
#include "micro.h"
#include "record/reader.h"
#include "record/writer.h"

#define ROUND_NS  50000000u
#define EVENTS_OF 4096u /* kept of FILE */

struct source {
	struct event events[EVENTS_OF];
	size_t n;
	uint64_t packets; /* the highest number */
};

void must(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "multiply: %s: %s\n", what, strerror(-r));
	exit(1);
}

static int keep(void *ctx, const struct event *ev)
{
	struct source *s = ctx;

	if (s->n < EVENTS_OF)
		s->events[s->n++] = *ev;
	s->packets = ev->pkt > s->packets ? ev->pkt : s->packets;
	return 0;
}

static int write_out(void *ctx, const void *data, size_t len)
{
	return fwrite(data, 1, len, ctx) == len ? 0 : -EIO;
}

static void write_events(const struct source *s, struct record_writer *w, uint64_t wanted, uint64_t step)
{
	for (uint64_t n = 0, round = 0; n < wanted; round++) {
		for (size_t i = 0; i < s->n && n < wanted; i++) {
			struct event ev = s->events[i];

			if (step && i == s->n - 1 && round % step == step - 1)
				continue;
			ev.ts_ns += round * ROUND_NS;
			ev.pkt += ev.pkt ? round * s->packets : 0;
			ev.tuple.icmp_seq = (uint16_t)(ev.tuple.icmp_seq + round);
			ev.seq = n;
			must(record_writer_event(w, &ev), "writing");
			n++;
		}
	}
}

int main(int argc, char **argv)
{
	static struct source source;
	struct record_sink sink = {.event = keep, .ctx = &source};
	struct lost_events ledger = {.provable = true, .backend = "none"};
	struct record_info info = {.release = "none", .machine = "none", .tool = "multiply", .command = "multiply"};
	struct record_reader *reader;
	struct record_writer *w;
	struct buf bytes = {0};
	uint64_t wanted, step = 0;
	FILE *f;

	if (argc < 4 || parse_u64(argv[2], UINT32_MAX, &wanted) < 0 ||
	    (argc > 4 && parse_u64(argv[4], UINT32_MAX, &step) < 0)) {
		fprintf(stderr, "usage: multiply FILE EVENTS OUT [STEP]\n");
		return 2;
	}
	must(buf_read_file(argv[1], &bytes), argv[1]);
	must(record_reader_new(&sink, &reader), "record_reader_new");
	must(record_reader_feed(reader, bytes.data, bytes.len, NULL), argv[1]);
	must(source.n ? 0 : -ENODATA, argv[1]);
	f = fopen(argv[3], "we");
	must(f ? 0 : -errno, argv[3]);
	must(record_writer_new(write_out, f, &info, &w), argv[3]);
	write_events(&source, w, wanted, step);
	ledger.events = wanted;
	must(record_writer_ledger(w, &ledger), argv[3]);
	must(fclose(f) ? -errno : 0, argv[3]);
	record_writer_free(w);
	record_reader_free(reader);
	buf_free(&bytes);
	return 0;
}
