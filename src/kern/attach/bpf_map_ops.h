/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs of bpf/map_ops.bpf.h, which record what BPF programs do with their maps. Private to this room. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"

struct btf_index;
struct bpf_map_ops;
struct trace_bpf;

/* Before the object is loaded: selects the programs whose function this kernel has, if wanted; else none. -EOPNOTSUPP
 * with a reason if the kernel lacks the function that cannot be left out. */
int bpf_map_ops_choose(struct trace_bpf *skel, bool wanted, const struct btf_index *btf, const struct ksyms *ks,
		       struct reason *reason);
/* After the load: attaches the selected programs, except to functions that the kernel does not let programs attach to.
 * 0 or -errno with a reason. */
int bpf_map_ops_attach(struct trace_bpf *skel, struct bpf_map_ops **ret, struct reason *reason);
/* The functions that were left out, for people: "trie_lookup_elem, htab_map_delete_elem"; NULL: none. m may be NULL. */
const char *bpf_map_ops_unseen(const struct bpf_map_ops *m);
void bpf_map_ops_free(struct bpf_map_ops *m); /* detaches; NULL is fine */
DEFINE_CLEANUP(struct bpf_map_ops *, bpf_map_ops_free)
