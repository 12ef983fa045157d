/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources of steps for check path: a function trace, the evidence programs, a recording. */
#pragma once

#include "observe/rules_run.h"

struct record_reader;
struct st_flow;

/* Each makes an engine, feeds it and finishes it. -errno with a reason; *ret is left alone then. */
/* By a function trace of this kernel. */
int rules_by_trace(struct rules_run *path, struct rules_result *ret, struct reason *reason);
/* By the evidence programs, for rules that hooks_can_judge(). */
int rules_by_hooks(struct rules_run *path, const struct st_flow *flow, struct rules_result *ret, struct reason *reason);
/* By the options' recording. Strings in *ret live as long as the reader, *ret_reader, which is the caller's. */
int rules_by_recording(struct rules_run *path, struct rules_result *ret, struct record_reader **ret_reader,
		       struct reason *reason);
