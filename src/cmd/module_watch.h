/* SPDX-License-Identifier: GPL-2.0-only */
/* Modules that are loaded while a trace runs, whose functions it does not see, and those that go with their probes. */
#pragma once

#include "base/cleanup.h"
#include "kern/trace.h"

struct module_watch;

/* kmods: as of --kmods, NULL: all are of interest. It must outlive the watch. -errno; without privilege for the socket
 * that tells of modules there is no watch. */
int module_watch_new(const char *kmods, struct module_watch **ret);
/* Says on standard error what was loaded and unloaded since, at no cost worth naming if nothing was. */
void module_watch_look(struct module_watch *w, const struct trace *t);
void module_watch_free(struct module_watch *w);
DEFINE_CLEANUP(struct module_watch *, module_watch_free)
