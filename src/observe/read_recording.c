/* SPDX-License-Identifier: GPL-2.0-only */
#include "observe/read_recording.h"

#include <errno.h>
#include <string.h>

#include "base/pattern.h"
#include "sink/record_file.h"

struct recording_input {
	int (*on_event)(void *ctx, const struct event *ev);
	void *ctx;
	struct recording *recording;
	unsigned n_ledgers;
};

static int on_coverage(void *ctx, const struct record_coverage *c)
{
	struct recording_input *in = ctx;

	in->recording->making.told = true;
	in->recording->making.coverage = *c;
	return 0;
}

static int pass_on(void *ctx, const struct event *ev)
{
	struct recording_input *in = ctx;

	return in->on_event(in->ctx, ev);
}

static int on_ledger(void *ctx, const struct lost_events *l)
{
	struct recording_input *in = ctx;

	in->n_ledgers++;
	in->recording->ledger = *l;
	return 0;
}

int read_recording(const char *path, int (*on_event)(void *ctx, const struct event *ev), void *ctx,
		   struct recording *ret, struct reason *reason)
{
	_cleanup_(recording_clear) struct recording rec = {0};
	struct recording_input in = {.on_event = on_event, .ctx = ctx, .recording = &rec};
	struct record_sink sink = {.coverage = on_coverage, .event = pass_on, .ledger = on_ledger, .ctx = &in};
	struct reason why = {0};
	int r = record_reader_new(&sink, &rec.reader);

	if (r >= 0)
		r = pattern_why(record_file_read(rec.reader, path, NULL, &why), &why);
	if (r < 0 && r != -ENODATA)
		return reason_set(reason, r, "--read=%s: %s", path, why.text[0] ? why.text : strerror(-r));
	if (record_reader_recordings(rec.reader) > 1)
		return reason_set(reason, -EINVAL, "--read=%s: holds %llu recordings in a row; a check judges one",
				  path, (unsigned long long)record_reader_recordings(rec.reader));
	if (r == -ENODATA || !in.n_ledgers) {
		rec.making.cut = true;
		rec.ledger.provable = false;
		rec.ledger.unprovable_why = "the recording ends before its ledger";
	}
	rec.making.limited = rec.ledger.limited;
	rec.making.unreadable = rec.ledger.unreadable;
	rec.making.skipped = record_reader_skipped(rec.reader);
	*ret = rec;
	rec = (struct recording){0};
	return 0;
}

void recording_clear(struct recording *r)
{
	record_reader_free(r->reader);
	*r = (struct recording){0};
}
