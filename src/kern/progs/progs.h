/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel tells of loaded BPF programs: which are attached to a device, their names, and which redirect helpers
 * they call. Needs CAP_SYS_ADMIN.
 */
#pragma once

#include "net/netns.h"
#include "net/program.h"

struct progs;

/* Does not ask the kernel yet. 0 or -ENOMEM. */
int progs_new(struct progs **ret);
void progs_free(struct progs *p);
DEFINE_CLEANUP(struct progs *, progs_free)

/* Prepares progs_walk(), which needs to load programs of our own; for callers that may not load programs later. Without
 * it progs_walk() does so itself. 0 or -errno, which only matters if progs_walk() is called. */
int progs_prepare(struct progs *p);

/* Appends the programs that are attached to devices of namespace ns by tcx or netkit (6.6, 6.7). 0, also if the kernel
 * knows neither, or if a device is gone or has no programs; -EPERM; errors of netns_visit(). */
int progs_query(const struct netns *ns, const uint32_t *ifindexes, size_t n, struct net_programs *programs);

/* The name of a program, which the caller frees; NULL: it has none. The kernel keeps 15 characters of it
 * (BPF_OBJ_NAME_LEN in linux/bpf.h); the full name is from the program's BTF, if it has BTF. -ENOENT: no such program;
 * -EPERM, -ENOMEM. */
int progs_name(struct progs *p, uint32_t id, char **ret);

/* The attached program `id`, the programs that it may tail-call by its program arrays, those that these may tail-call,
 * and so on, each with the redirect helpers it calls. Static evidence: it tells what programs could do, not what they
 * did. The number of programs and array entries is limited, see cut of struct program_walk. -ENOENT: no such program;
 * -EPERM, -ENOMEM. */
int progs_walk(struct progs *p, uint32_t id, struct program_walk *ret);
