/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's account of loaded BPF programs: which sit on a device, what they are called, which redirect helpers they
 * call. Needs CAP_SYS_ADMIN.
 */
#pragma once

#include "net/netns.h"
#include "net/program.h"

struct progs;

/* Asks nothing yet. -ENOMEM. */
int progs_new(struct progs **ret);
void progs_free(struct progs *p);
DEFINE_CLEANUP(struct progs *, progs_free)

/* Learns what progs_walk() has to know of the kernel, which takes programs of our own to be loaded; else it does so
 * itself. 0 or -errno; it may be that it is never needed. */
int progs_prepare(struct progs *p);

/* Appends the programs on a device of namespace ns that were attached by tcx or netkit links (6.6, 6.7). 0, also on a
 * kernel that knows neither, and for a device that is gone or has none; -EPERM; errors of netns_visit(). */
int progs_query(const struct netns *ns, uint32_t ifindex, struct net_programs *programs);

/* The full name of a program, for the caller to free: the kernel keeps 15 characters (BPF_OBJ_NAME_LEN in linux/bpf.h),
 * the rest comes from the program's BTF where it has some. NULL: it has no name. -ENOENT: no such program; -EPERM. */
int progs_name(struct progs *p, uint32_t id, char **ret);

/* The attached program `id` and those it may tail-call by the program arrays it uses, and so on, with the redirect
 * helpers each calls. Static evidence: it says what a program could do, not what it did. Bounded in programs and in
 * array entries, see cut of struct program_walk. -ENOENT: no such program; -EPERM, -ENOMEM. */
int progs_walk(struct progs *p, uint32_t id, struct program_walk *ret);
