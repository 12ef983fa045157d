/* SPDX-License-Identifier: GPL-2.0-only */
/* How the trace that runs now is made: the kernel, this program and its command line. */
#pragma once

#include <sys/utsname.h>

#include "base/buf.h"
#include "record/record.h"

struct trace_info {
	struct record_info info; /* borrows from the others; what is unknown is NULL */
	struct utsname kernel;
	struct buf command; /* owned */
};

/* *ret must not move afterwards. wall_offset_ns: CLOCK_REALTIME - CLOCK_MONOTONIC. */
void trace_info_fill(int64_t wall_offset_ns, struct trace_info *ret);
void trace_info_clear(struct trace_info *i);
