/* SPDX-License-Identifier: GPL-2.0-only */
/* Times of events, given as CLOCK_MONOTONIC, in the form of --timestamp. No function here reads a clock. */
#pragma once

#include "base/reason.h"
#include "render/out/out.h"

enum timestamp_mode {
	TIMESTAMP_NONE,	    /* no column; the same as current if --columns names it */
	TIMESTAMP_CURRENT,  /* nanoseconds of CLOCK_MONOTONIC, as they are in the event */
	TIMESTAMP_RELATIVE, /* seconds.nanoseconds since the first shown event; negative if CPUs' events come out of
			       order */
	TIMESTAMP_ABSOLUTE, /* ISO 8601, UTC, with nanoseconds */
	TIMESTAMP_MODE_MAX,
};

struct timestamp_format {
	enum timestamp_mode mode;
	int64_t wall_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC; the caller sets it for absolute times */
	uint64_t origin_ns;	/* for relative times; set by the first event */
	bool has_origin;
};

/* none, current, relative or absolute. -EINVAL with a reason. */
int timestamp_mode_parse(const char *s, enum timestamp_mode *ret, struct reason *reason);
/* Width of the column in code points. */
unsigned timestamp_width(enum timestamp_mode mode);
/* Nanoseconds since 1970 as RFC 3339, such as 2026-12-01T02:30:00.000000001Z. */
void timestamp_put_wall(uint64_t wall_ns, struct out *o);
void timestamp_put(struct timestamp_format *f, uint64_t ts_ns, struct out *o);
