/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/func_progs.h"

#include <bpf/libbpf.h>
#include <errno.h>

#include "base/cleanup.h"
#include "btf/index.h"

/* Whether programs can attach to func. BTF also describes functions that were inlined everywhere. */
static bool is_there(const struct btf_index *btf, const struct ksyms *ks, const char *func)
{
	struct ksym sym;

	return btf_index_has_func(btf, func) && ksyms_first(ks, func, &sym);
}

int func_progs_choose(struct bpf_object *obj, const struct func_prog *progs, size_t n, bool wanted,
		      const struct btf_index *btf, const struct ksyms *ks, const char **ret_missing)
{
	int chosen = 0;

	for (size_t i = 0; i < n; i++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(obj, progs[i].prog);
		bool there = wanted && is_there(btf, ks, progs[i].func);

		if (!prog)
			return -ENOENT;
		if (wanted && !there && progs[i].must) {
			*ret_missing = progs[i].func;
			return -EOPNOTSUPP;
		}
		bpf_program__set_autoload(prog, there);
		chosen += there;
	}
	return chosen;
}

int func_progs_attach(struct bpf_object *obj, const struct func_prog *progs, size_t n, bool all, struct bpf_link **ret)
{
	for (size_t i = 0; i < n; i++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(obj, progs[i].prog);

		if (!bpf_program__autoload(prog))
			continue;
		ret[i] = bpf_program__attach(prog);
		if (!ret[i] && (all || progs[i].must))
			return -errno;
	}
	return 0;
}
