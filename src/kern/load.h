/* SPDX-License-Identifier: GPL-2.0-only */
/* The wide trace's programs, from what is asked for to what the kernel has taken. Private to this room. */
#pragma once

#include "base/reason.h"
#include "kern/trace.h"

struct fentry_multi;
struct trace_bpf;

/* Opens the object, tells it what is asked for, lets only the programs load that this and the functions need, and loads
 * them. fentry: for TRACE_BACKEND_FENTRY_MULTI. *ret is the caller's to destroy, and left alone on failure: -errno with
 * a reason. */
int trace_load(const struct trace_opts *opts, const struct fentry_multi *fentry, const struct func_set *funcs,
	       struct trace_bpf **ret, struct reason *reason);
