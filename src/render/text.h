/* SPDX-License-Identifier: GPL-2.0-only */
/* Events as lines of text: a header, then one line each. */
#pragma once

#include "render/columns.h"

struct text_format {
	struct columns columns;
	struct timestamp_format timestamp; /* keeps the first event's time for relative ones */
	bool color;			   /* packets that died in red; the caller knows whether that is wanted */
	uint32_t blocks; /* PART_BIT()s of what is shown below an event's line: stack and structures */
};

void text_header(const struct text_format *f, struct out *o);
/* Around the events of one packet: a line that names it, before; an empty one (ev NULL), after. */
void text_block(const struct event *ev, struct out *o);
void text_event(struct text_format *f, const struct event *ev, struct out *o);
