/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of the rings, shown in text and JSON: the first byte says which ring. */
#include <errno.h>

#include "event/hook_event.h"
#include "event/seq.h"
#include "fuzz.h"
#include "printable.h"
#include "render/event/event_json.h"
#include "render/event/event_text.h"

static void show(const struct event *ev)
{
	struct text_format text = {.timestamp.mode = TIMESTAMP_CURRENT, .color = false};
	struct out o = {0};

	must(memchr(ev->ifname, '\0', sizeof(ev->ifname)) && memchr(ev->comm, '\0', sizeof(ev->comm)));
	for (unsigned id = 0; id < FIELD_MAX; id++) {
		if (fields[id].column)
			text.columns.ids[text.columns.count++] = id;
	}
	event_text_header(&text, &o);
	event_text(&text, ev, &o);
	event_json(ev, NULL, &o);
	must_be_printable(&o);
	out_free(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	bool evidence = fuzz_byte(&r) & 1;
	_cleanup_free_ void *copy = malloc(r.left ? r.left : 1);
	struct hook_event w;
	struct event ev;
	int err;

	must(copy);
	if (r.left)
		memcpy(copy, r.p, r.left);
	err = evidence ? hook_event_decode(copy, r.left, &w) : event_decode(copy, r.left, &ev);
	must(err == 0 || err == -EBADMSG);
	if (err == 0 && evidence)
		must(w.hook < ST_HOOK_MAX);
	else if (err == 0)
		show(&ev);
	return 0;
}
