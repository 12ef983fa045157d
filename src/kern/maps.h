/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs of bpf/maps.bpf.h, which tell what BPF programs do with their maps. Private to this room. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"

struct vmbtf;
struct maps;
struct trace_bpf;

/* Before the object is loaded: those programs whose function this kernel has are to be loaded, if wanted; else none.
 * -EOPNOTSUPP with a reason if that is none at all. */
int maps_choose(struct trace_bpf *skel, bool wanted, const struct vmbtf *btf, const struct ksyms *ks,
		struct reason *reason);
/* After: attaches them; functions that the kernel has and does not let be traced are left out. */
int maps_attach(struct trace_bpf *skel, struct maps **ret, struct reason *reason);
/* Those that were left out, as a list for people; NULL: none. */
const char *maps_unseen(const struct maps *m);
void maps_free(struct maps *m); /* detaches; NULL is fine */
DEFINE_CLEANUP(struct maps *, maps_free)
