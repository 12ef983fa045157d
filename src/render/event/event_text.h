/* SPDX-License-Identifier: GPL-2.0-only */
/* Events as lines of text: a header, then one line each. */
#pragma once

#include "render/event/columns.h"

struct text_format {
	struct columns columns;
	struct timestamp_format timestamp; /* keeps the time of the first event, for relative times */
	bool color;			   /* print packets that died in red */
	uint32_t blocks;		   /* PART_BIT()s of the blocks below an event's line: stack and structures */
};

void event_text_header(const struct text_format *f, struct out *o);
/* Before the events of one packet: a line that names the packet. After them, with ev NULL: an empty line. */
void event_text_block(const struct event *ev, struct out *o);
void event_text(struct text_format *f, const struct event *ev, struct out *o);
