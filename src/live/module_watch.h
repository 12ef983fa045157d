/* SPDX-License-Identifier: GPL-2.0-only */
/* Notices modules that are loaded while a trace runs, whose functions it does not see, and modules that are unloaded
 * with their probes. */
#pragma once

#include "base/cleanup.h"
#include "live/session.h"

struct module_watch;

/* kmods: the modules of interest, as in --kmods; NULL: all. It must outlive the watch. 0, or -errno: without the
 * privilege for the kernel's device events there is no watch. */
int module_watch_new(const char *kmods, struct module_watch **ret);
/* Prints on standard error which modules were loaded and unloaded since the last call. Costs one system call if none
 * was. */
void module_watch_look(struct module_watch *w, const struct session *s);
void module_watch_free(struct module_watch *w);
DEFINE_CLEANUP(struct module_watch *, module_watch_free)
