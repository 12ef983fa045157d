/* SPDX-License-Identifier: GPL-2.0-only */
/* Loads the programs of the function trace. Private to this room. */
#pragma once

#include "base/reason.h"
#include "kern/trace.h"

struct trace_bpf;

/* Opens the object, configures it, and loads the programs that the options and the functions need. The caller destroys
 * *ret. -errno with a reason; *ret is then unchanged. */
int trace_load(const struct trace_opts *opts, const struct func_set *funcs, struct trace_bpf **ret,
	       struct reason *reason);
