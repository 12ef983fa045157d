/* SPDX-License-Identifier: GPL-2.0-only */
/* CLOCK_MONOTONIC nanoseconds as the user asked to see them. Nothing here reads a clock. */
#pragma once

#include "base/reason.h"
#include "render/out.h"

enum timestamp_mode {
	TIMESTAMP_NONE,	    /* no column; shown as current where the column was asked for by name */
	TIMESTAMP_CURRENT,  /* nanoseconds of CLOCK_MONOTONIC, as they are in the event */
	TIMESTAMP_RELATIVE, /* seconds.nanoseconds since the first event shown; negative where CPUs' records cross */
	TIMESTAMP_ABSOLUTE, /* ISO 8601, UTC, with nanoseconds */
	TIMESTAMP_MODE_MAX,
};

struct timestamp_format {
	enum timestamp_mode mode;
	int64_t wall_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC; only for absolute; the caller's to fill */
	uint64_t origin_ns;	/* only for relative; set by the first event */
	bool has_origin;
};

/* none, current, relative or absolute. -EINVAL with a reason. */
int timestamp_mode_parse(const char *s, enum timestamp_mode *ret, struct reason *reason);
/* Code points the column needs so that lines align. */
unsigned timestamp_width(enum timestamp_mode mode);
void timestamp_put(struct timestamp_format *f, uint64_t ts_ns, struct out *o);
