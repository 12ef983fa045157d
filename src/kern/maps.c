/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/maps.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "bpf/config.h"
#include "bpf/trace.skel.h"
#include "kern/func_progs.h"
#include "kern/refusal.h"

/* include/linux/bpf.h, struct bpf_map_ops: those of the kinds of maps whose operations are calls. */
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

struct maps {
	struct bpf_link *links[ARRAY_SIZE(progs)];
	char unseen[256];
};

/* Since 6.10 compiled programs look for elements of these as in all hash maps. */
static bool has_own_percpu_lookup(const struct ksyms *ks)
{
	struct ksym sym;

	return !ksyms_first(ks, "htab_percpu_map_gen_lookup", &sym);
}

int maps_choose(struct trace_bpf *skel, bool wanted, const struct vmbtf *btf, const struct ksyms *ks,
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

/* A kernel may have a function, and not let it be traced. */
static void list_unseen(struct bpf_object *obj, struct maps *m)
{
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(progs); i++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(obj, progs[i].prog);

		if (!m->links[i] && bpf_program__autoload(prog) && len < sizeof(m->unseen))
			len += (size_t)snprintf(m->unseen + len, sizeof(m->unseen) - len, "%s%s", len ? ", " : "",
						progs[i].func);
	}
}

int maps_attach(struct trace_bpf *skel, struct maps **ret, struct reason *reason)
{
	_cleanup_(maps_freep) struct maps *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	r = func_progs_attach(skel->obj, progs, ARRAY_SIZE(progs), false, m->links);
	if (r < 0)
		return kern_refuse(r, "attach to the operations of maps", reason);
	list_unseen(skel->obj, m);
	*ret = TAKE_PTR(m);
	return 0;
}

const char *maps_unseen(const struct maps *m)
{
	return m && *m->unseen ? m->unseen : NULL;
}

void maps_free(struct maps *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(m->links); i++)
		bpf_link__destroy(m->links[i]);
	free(m);
}
