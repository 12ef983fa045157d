/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/load/loader.h"

#include <errno.h>
#include <stdlib.h>

#include "btf/min_core.h"
#include "kern/load/verifier_log.h"

struct loader {
	const struct btf_index *vmlinux;
	struct min_core *core;
	struct prog_handlers *handlers;
	struct bpf_object_open_opts open;
};

int loader_new(const struct btf_index *vmlinux, struct loader **ret)
{
	_cleanup_(loader_freep) struct loader *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->vmlinux = vmlinux;
	r = min_core_new(&l->core);
	if (r >= 0)
		r = prog_handlers_new(vmlinux, &l->handlers);
	if (r < 0)
		return r;
	l->open = (struct bpf_object_open_opts){.sz = sizeof(l->open), .btf_custom_path = min_core_path(l->core)};
	*ret = TAKE_PTR(l);
	return 0;
}

void loader_free(struct loader *l)
{
	if (!l)
		return;
	prog_handlers_free(l->handlers);
	min_core_free(l->core);
	free(l);
}

int loader_check_ring(const struct btf_index *vmlinux, struct reason *reason)
{
	if (!btf_index_ring_sleeps(vmlinux))
		return 0;
	return reason_set(
		reason, -EOPNOTSUPP,
		"on this real-time kernel a probe that writes into a BPF ring buffer may sleep, and the kernel "
		"warns; boot one from 6.12 on, a newer build of this one, or one that is not real-time");
}

const struct bpf_object_open_opts *loader_open_opts(const struct loader *l)
{
	return &l->open;
}

struct prog_handlers *loader_handlers(const struct loader *l)
{
	return l->handlers;
}

int loader_load(struct loader *l, struct bpf_object_skeleton *skeleton, const char *module, struct verifier_log *log,
		const char *name)
{
	struct bpf_object *obj = *skeleton->obj;
	int r = min_core_fill(l->core, bpf_object__btf(obj), l->vmlinux, module);

	if (r >= 0)
		r = verifier_log_begin(log, obj);
	if (r < 0)
		return r;
	prog_handlers_begin(l->handlers);
	r = bpf_object__load_skeleton(skeleton);
	prog_handlers_end();
	return r < 0 ? r : verifier_log_end(log, obj, name);
}
