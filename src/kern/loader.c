/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/loader.h"

#include <errno.h>
#include <stdlib.h>

#include "kern/core_btf.h"
#include "kern/prog_log.h"

struct loader {
	const struct vmbtf *vmlinux;
	struct core_btf *core;
	struct sections *sections;
	struct bpf_object_open_opts open;
};

int loader_new(const struct vmbtf *vmlinux, struct loader **ret)
{
	_cleanup_(loader_freep) struct loader *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->vmlinux = vmlinux;
	r = core_btf_new(&l->core);
	if (r >= 0)
		r = sections_new(vmlinux, &l->sections);
	if (r < 0)
		return r;
	l->open = (struct bpf_object_open_opts){.sz = sizeof(l->open), .btf_custom_path = core_btf_path(l->core)};
	*ret = TAKE_PTR(l);
	return 0;
}

void loader_free(struct loader *l)
{
	if (!l)
		return;
	sections_free(l->sections);
	core_btf_free(l->core);
	free(l);
}

const struct bpf_object_open_opts *loader_open_opts(const struct loader *l)
{
	return &l->open;
}

struct sections *loader_sections(const struct loader *l)
{
	return l->sections;
}

int loader_load(struct loader *l, struct bpf_object_skeleton *skeleton, const char *module, struct prog_log *log,
		const char *name)
{
	struct bpf_object *obj = *skeleton->obj;
	int r = core_btf_fill(l->core, bpf_object__btf(obj), l->vmlinux, module);

	if (r >= 0)
		r = prog_log_begin(log, obj);
	if (r < 0)
		return r;
	sections_begin(l->sections, obj);
	r = bpf_object__load_skeleton(skeleton);
	sections_end();
	return r < 0 ? r : prog_log_end(log, obj, name);
}
