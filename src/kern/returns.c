/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/returns.h"

#include <bpf/libbpf.h>

static struct bpf_program *program(struct bpf_object *obj, enum trace_backend backend)
{
	bool multi = backend == TRACE_BACKEND_KPROBE_MULTI;

	return bpf_object__find_program_by_name(obj, multi ? "multi_returned" : "returned");
}

enum st_returns returns_way(const struct trace_opts *opts)
{
	if (!opts->filter.returns)
		return ST_RETURNS_NONE;
	return opts->backend == TRACE_BACKEND_KPROBE_MULTI ? ST_RETURNS_MULTI : ST_RETURNS_KRETPROBE;
}

int returns_choose(struct bpf_object *obj, const struct trace_opts *opts)
{
	static const enum trace_backend backends[] = {TRACE_BACKEND_KPROBE, TRACE_BACKEND_KPROBE_MULTI};

	for (size_t i = 0; i < ARRAY_SIZE(backends); i++)
		bpf_program__set_autoload(program(obj, backends[i]),
					  opts->filter.returns && opts->backend == backends[i]);
	return bpf_program__set_expected_attach_type(program(obj, TRACE_BACKEND_KPROBE_MULTI), BPF_TRACE_KPROBE_MULTI);
}

void returns_make(struct bpf_object *obj, const struct trace_opts *opts, const struct func_set *set,
		  const struct func **funcs, struct attach_group *ret)
{
	*ret = (struct attach_group){.prog = program(obj, opts->backend), .funcs = funcs, .at_return = true};
	if (!opts->filter.returns)
		return;
	ret->prog_fd = bpf_program__fd(ret->prog);
	for (size_t i = 0; i < set->n; i++)
		if (set->items[i].attachable && set->items[i].result.kind != FUNC_RETURNS_VOID)
			ret->funcs[ret->n++] = &set->items[i];
}
