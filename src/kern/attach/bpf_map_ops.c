/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/bpf_map_ops.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "bpf/config.h"
#include "bpf/trace.skel.h"
#include "kern/attach/func_progs.h"
#include "kern/error/kern_error.h"

/* The functions behind the pointers of struct bpf_map_ops (include/linux/bpf.h), for the kinds of maps whose operations
 * programs call. The other kinds have inlined ones. */
static const struct func_prog progs[] = {
	{"map_htab_lookup", "__htab_map_lookup_elem", .must = true},
	{"map_htab_percpu_lookup", "htab_percpu_map_lookup_elem"},
	{"map_trie_lookup", "trie_lookup_elem"},
	{"map_htab_map_update_elem", "htab_map_update_elem"},
	{"map_htab_lru_map_update_elem", "htab_lru_map_update_elem"},
	{"map_trie_update_elem", "trie_update_elem"},
	{"map_array_map_update_elem", "array_map_update_elem"},
	{"map_htab_map_delete_elem", "htab_map_delete_elem"},
	{"map_htab_lru_map_delete_elem", "htab_lru_map_delete_elem"},
	{"map_trie_delete_elem", "trie_delete_elem"},
};

struct bpf_map_ops {
	struct bpf_link *links[ARRAY_SIZE(progs)];
	char unseen[256];
};

/* Since 6.10 JITed programs look for elements of per-CPU hash maps by the function of all hash maps. */
static bool has_own_percpu_lookup(const struct ksyms *ks)
{
	struct ksym sym;

	return !ksyms_first(ks, "htab_percpu_map_gen_lookup", &sym);
}

int bpf_map_ops_choose(struct trace_bpf *skel, bool wanted, const struct btf_index *btf, const struct ksyms *ks,
		       struct reason *reason)
{
	const char *missing;
	bool own = has_own_percpu_lookup(ks);
	int r = func_progs_choose(skel->obj, progs, ARRAY_SIZE(progs), wanted, btf, ks, &missing);

	if (r == -EOPNOTSUPP)
		return reason_set(reason, r, "--output-bpfmap: this kernel has no %s to attach to; leave it out",
				  missing);
	skel->rodata->st_percpu_apart = own;
	bpf_program__set_autoload(skel->progs.map_htab_percpu_lookup, wanted && own);
	return r;
}

/* A kernel may have a function and yet not let programs attach to it. */
static void list_unseen(struct bpf_object *obj, struct bpf_map_ops *m)
{
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(progs); i++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(obj, progs[i].prog);

		if (!m->links[i] && bpf_program__autoload(prog) && len < sizeof(m->unseen))
			len += (size_t)snprintf(m->unseen + len, sizeof(m->unseen) - len, "%s%s", len ? ", " : "",
						progs[i].func);
	}
}

int bpf_map_ops_attach(struct trace_bpf *skel, struct bpf_map_ops **ret, struct reason *reason)
{
	_cleanup_(bpf_map_ops_freep) struct bpf_map_ops *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	r = func_progs_attach(skel->obj, progs, ARRAY_SIZE(progs), false, m->links);
	if (r < 0)
		return kern_error_set(r, "attach to the operations of maps", reason);
	list_unseen(skel->obj, m);
	*ret = TAKE_PTR(m);
	return 0;
}

const char *bpf_map_ops_unseen(const struct bpf_map_ops *m)
{
	return m && *m->unseen ? m->unseen : NULL;
}

void bpf_map_ops_free(struct bpf_map_ops *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(m->links); i++)
		bpf_link__destroy(m->links[i]);
	free(m);
}
