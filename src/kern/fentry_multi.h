/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One fentry program at many functions, in one link (BPF_LINK_TYPE_TRACING_MULTI), and one fexit program likewise. They
 * are named by the numbers of their types, so only those of vmlinux's BTF whose name no other function has can be had;
 * kprobe.multi takes the rest. A program is called past fewer layers than a kprobe, and skipped only within itself:
 * kprobe programs are skipped while any other of them runs on that CPU. Private to this room.
 */
#pragma once

#include "kern/attach.h"
#include "kern/vmbtf.h"

struct fentry_multi;

/* vmlinux is the running kernel's; funcs must outlive it. 0 or -ENOMEM. */
int fentry_multi_new(const struct vmbtf *vmlinux, const struct func_set *funcs, struct fentry_multi **ret);
/* Whether it has a program for f, an attachable function of the set, and f was not refused. */
bool fentry_multi_takes(const struct fentry_multi *m, const struct func *f);
/* One link for a group of functions that it takes. Those that the kernel refuses are found by halving, and from then on
 * not taken: so the group of those that return comes first, and the calls of what refuses that are another way's, too.
 * 0, or -errno if none can be had at all. */
int fentry_multi_attach(struct fentry_multi *m, const struct attach_group *g, struct attach_progress *progress);
size_t fentry_multi_attached(const struct fentry_multi *m); /* functions, not counting their returns again */
void fentry_multi_detach(struct fentry_multi *m);	    /* no program runs any more */
void fentry_multi_free(struct fentry_multi *m);		    /* detaches; NULL is fine */

DEFINE_CLEANUP(struct fentry_multi *, fentry_multi_free)
