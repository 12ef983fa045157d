/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The modules to whose functions the trace is attached, and whether they were unloaded since. A link keeps its module
 * loaded, a kprobe does not. The kprobes of an unloaded module are lost for good, even if the module is loaded again
 * (kernel/kprobes.c, kprobes_module_callback()). Private to this room.
 */
#pragma once

#include "kern/attach/attach.h"

struct modules;

/* The modules of the set's attachable functions that are not among the n failures. 0 or -ENOMEM. */
int modules_new(const struct func_set *funcs, const struct trace_failure *failures, size_t n, struct modules **ret);
/* For a module that was unloaded just now: how many of its functions were attached. 0 if asked again: a module of that
 * name that is loaded later is another one. */
size_t modules_report_gone(struct modules *m, const char *module);
/* How many attached functions were in modules that have been unloaded since. */
size_t modules_count_gone(const struct modules *m);
void modules_free(struct modules *m); /* NULL is fine */
DEFINE_CLEANUP(struct modules *, modules_free)
