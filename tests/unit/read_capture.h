/* SPDX-License-Identifier: GPL-2.0-only */
/* Capture files written and read again, for the tests of capture/capture.h. */
#pragma once

#include <criterion/criterion.h>

#include "capture/capture.h"
#include "captures.h"

struct seen {
	struct hook_event v[16];
	struct captured_frame frames[16];
	size_t n;
};

static inline int on_record(void *ctx, const struct hook_event *w, const struct captured_frame *frame)
{
	struct seen *s = ctx;

	cr_assert_lt(s->n, ARRAY_SIZE(s->v));
	s->frames[s->n] = *frame;
	s->v[s->n++] = *w;
	return 0;
}

static inline int read_at(const struct bytes *f, enum point at, struct seen *seen, struct capture_facts *facts,
			  struct reason *reason)
{
	struct st_flow flow = flow4();

	*seen = (struct seen){0};
	return capture_read(f->b, f->n, &flow, at, on_record, seen, facts, reason);
}

/* A ping of both directions, and ARP. */
static inline void put_pcap(struct bytes *f, bool swapped, bool nano)
{
	struct bytes frame = {0};

	pcap_begin(f, swapped, nano, DLT_EN10MB);
	put_eth(&frame, 0x0806);
	pcap_packet(f, NOW_NS, nano, &frame, frame.n);
	for (int reverse = 0; reverse < 2; reverse++) {
		frame.n = 0;
		put_eth(&frame, 0x0800);
		put_ping4(&frame, reverse, 300);
		pcap_packet(f, NOW_NS + 1000 + reverse * 5001000, nano, &frame, frame.n);
	}
}
