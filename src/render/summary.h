/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "path/summary.h"
#include "render/path.h"

/* Per flow: packets, drops by reason, a latency histogram per stage, new functions. */
void summary_text(const struct path_format *f, const struct summary *s, struct out *o);
/* One {"type":"flow",…} line per flow. */
void summary_json(const struct summary *s, struct out *o);
