/* SPDX-License-Identifier: GPL-2.0-only */
/* BTF, as libbpf takes it: what --kernel-btf or a module hands us. All that reads types, one after the other. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "btf/min_core.h"
#include "btf/signatures.h"
#include "fuzz.h"
#include "kern/error/kern_error.h"

static void signatures(const struct btf *btf)
{
	_cleanup_sigs_ struct sig_set sigs = {0};

	must(signatures_add(btf, NULL, &sigs) == 0);
	for (size_t i = 0; i < sigs.n; i++)
		must(sigs.items[i].slot >= 1 && sigs.items[i].slot <= SLOT_MAX && sigs.items[i].name[0]);
}

/* Every name is found, and each chain of one name ascends. */
static void index_of_names(const struct btf_index *v)
{
	const struct btf *btf = btf_index_types(v);

	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *name = btf__str_by_offset(btf, t->name_off);
		uint32_t found, last = 0;

		if (!name || !*name)
			continue;
		for (found = btf_index_find(v, btf_kind(t), name); found && found != id;
		     found = btf_index_find_next(v, found)) {
			must(found > last);
			last = found;
		}
		must(found == id);
	}
	(void)btf_index_has_drop_reason(v);
}

/* A part of it by names of its own, which are those that there are. */
static void part(const struct btf_index *v, const void *data, size_t size)
{
	struct btf *own = btf__new(data, size), *to = btf__new_empty();
	int r;

	must(own && to);
	r = min_core_collect(own, v, NULL, to);
	must(r == 0 || r == -EINVAL || r == -ENOMEM);
	btf__free(to);
	btf__free(own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ void *copy = malloc(size ? size : 1);
	struct btf_index *v = NULL;
	struct btf *btf;

	must(copy);
	kern_error_init();
	if (size)
		memcpy(copy, data, size);
	btf = btf__new(copy, size);
	if (!btf)
		return 0;
	signatures(btf);
	must(btf_index_new(btf, &v) == 0);
	index_of_names(v);
	part(v, copy, size);
	btf_index_free(v);
	return 0;
}
