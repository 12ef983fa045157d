/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs at the entry or exit of kernel functions, of which a kernel may lack some. Private to this room. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"

struct bpf_link;
struct bpf_object;
struct vmbtf;

struct func_prog {
	const char *prog, *func;
	bool must; /* the feature is of no use without it */
};

/* Before the object is loaded: those programs whose function this kernel has are to be loaded, if wanted; else none.
 * The number of these, or -EOPNOTSUPP with *ret_missing the first function that must be there and is not. */
int func_progs_choose(struct bpf_object *obj, const struct func_prog *progs, size_t n, bool wanted,
		      const struct vmbtf *btf, const struct ksyms *ks, const char **ret_missing);
/* After: attaches them. ret has n places, for links that the caller owns, also on failure. 0 or -errno; all: also where
 * one is refused that need not be, else its place stays NULL. */
int func_progs_attach(struct bpf_object *obj, const struct func_prog *progs, size_t n, bool all, struct bpf_link **ret);
