/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The modules whose functions are armed, and whether they are still the ones that were. Links hold a module; kprobes do
 * not, and those of a module that is unloaded are dead for good, also when it is loaded again (kernel/kprobes.c,
 * kprobes_module_callback()). Private to this room.
 */
#pragma once

#include "kern/trace.h"

struct modules;

/* Of the functions of the set that are not among the failures. 0 or -ENOMEM. */
int modules_new(const struct func_set *funcs, const struct trace_failure *failures, size_t n, struct modules **ret);
/* How many functions were armed in a module that was unloaded just now: told once. */
size_t modules_forget(struct modules *m, const char *module);
/* How many armed functions went with their module. */
size_t modules_gone(const struct modules *m);
void modules_free(struct modules *m); /* NULL is fine */
DEFINE_CLEANUP(struct modules *, modules_free)
