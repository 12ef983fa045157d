/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings: read in pieces of sizes that the first byte tells, analysed and shown in every form. */
#include <errno.h>

#include "fuzz.h"
#include "path/packets.h"
#include "path/trace_summary.h"
#include "printable.h"
#include "record/reader.h"
#include "render/event/event_json.h"
#include "render/event/event_text.h"
#include "render/event/lost_events.h"
#include "render/list/recording.h"
#include "render/path/path_text.h"

#define OUT_MAX (4u << 20)

struct shown {
	struct out out;
	struct text_format text;
	struct packets *packets;
	size_t n_ledgers;
};

static void judge_out(struct shown *s)
{
	must_be_printable(&s->out);
	out_clear(&s->out);
}

static int on_info(void *ctx, const struct record_info *info)
{
	struct shown *s = ctx;

	recording_text(info, &s->out);
	recording_json(info, &s->out);
	judge_out(s);
	return 0;
}

static int on_event(void *ctx, const struct event *ev)
{
	struct shown *s = ctx;

	event_json(ev, NULL, &s->out);
	event_text(&s->text, ev, &s->out);
	if (s->out.buf.len > OUT_MAX)
		judge_out(s);
	return packets_add(s->packets, ev);
}

static int on_ledger(void *ctx, const struct lost_events *l)
{
	struct shown *s = ctx;

	lost_events_text(l, &s->out);
	lost_events_json(l, &s->out);
	s->n_ledgers++;
	return 0;
}

static int on_packet(void *ctx, const struct packet *p)
{
	struct shown *s = ctx;
	struct path_format f = {.utf8 = true, .width = 80};

	path_text(&f, p, &s->out);
	path_json(p, &s->out);
	if (s->out.buf.len > OUT_MAX)
		judge_out(s);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	size_t piece = fuzz_byte(&r);
	struct shown s = {.text.timestamp.mode = TIMESTAMP_ABSOLUTE};
	struct record_sink sink = {.info = on_info, .event = on_event, .ledger = on_ledger, .ctx = &s};
	struct packets_opts opts = {.max_packets = 64, .max_steps = 64, .on_packet = on_packet, .ctx = &s};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	struct reason reason = {0};
	int err = 0;

	columns_default(true, &s.text.columns);
	must(packets_new(&opts, &s.packets) == 0);
	must(record_reader_new(&sink, &reader) == 0);
	if (!piece)
		piece = SIZE_MAX;
	while (r.left && err == 0) {
		size_t n = piece < r.left ? piece : r.left;

		err = record_reader_feed(reader, rd_bytes(&r, n), n, &reason);
	}
	if (err == 0)
		err = record_reader_end(reader, &reason);
	must(err == 0 || err == -EBADMSG || err == -EPROTO || err == -ENODATA || err == -ENOMEM);
	must(err != -EBADMSG || reason.text[0]);
	must(packets_flush(s.packets) == 0);
	judge_out(&s);
	packets_free(s.packets);
	out_free(&s.out);
	return 0;
}
