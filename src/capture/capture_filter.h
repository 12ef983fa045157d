/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the filter with which a capture was made lets a flow's packets pass. */
#pragma once

#include "bpf/config.h"
#include "check/captures.h"

/* Sets filter_effect and filter of the facts, from their filters and from all packets that are filed, at whatever
 * point. Call it when all captures are filed. 0 or -ENOMEM. */
int capture_filter_judge(struct capture_facts *f, const struct st_flow *flow, const struct evidence_table *table,
			 const struct captures *c);
