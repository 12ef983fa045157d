/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "path/trace_summary.h"
#include "render/path/path_text.h"

/* For each flow: packets, drops by reason, a histogram of times for each stage, and new functions. */
void summary_text(const struct path_format *f, const struct trace_summary *s, struct out *o);
/* {"type":"flow",…}, one line per flow. */
void summary_json(const struct trace_summary *s, struct out *o);
