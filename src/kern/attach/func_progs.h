/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs at the entry or exit of kernel functions that not every kernel has. Private to this room. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"

struct bpf_link;
struct bpf_object;
struct btf_index;

struct func_prog {
	const char *prog, *func;
	bool must; /* the feature is useless without it */
};

/* Before the object is loaded: selects the programs whose function this kernel has, if wanted; else none. Returns how
 * many are selected, or -EOPNOTSUPP with *ret_missing set to the first function that must be there and is not. */
int func_progs_choose(struct bpf_object *obj, const struct func_prog *progs, size_t n, bool wanted,
		      const struct btf_index *btf, const struct ksyms *ks, const char **ret_missing);
/* After the load: attaches the selected programs. ret has n elements; the caller owns the links in it, also on failure.
 * Where a program cannot be attached, its element stays NULL, unless it must be attached or `all` is set: then -errno.
 */
int func_progs_attach(struct bpf_object *obj, const struct func_prog *progs, size_t n, bool all, struct bpf_link **ret);
