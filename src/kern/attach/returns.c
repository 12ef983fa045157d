/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/returns.h"

#include <bpf/libbpf.h>

static struct bpf_program *program(struct bpf_object *obj, enum trace_backend backend)
{
	static const char *const names[] = {
		[TRACE_BACKEND_KPROBE] = "returned", [TRACE_BACKEND_KPROBE_MULTI] = "multi_returned"};

	return bpf_object__find_program_by_name(obj, names[backend]);
}

enum st_returns returns_mode(enum trace_backend backend, bool wanted)
{
	if (!wanted)
		return ST_RETURNS_NONE;
	return backend == TRACE_BACKEND_KPROBE ? ST_RETURNS_KRETPROBE : ST_RETURNS_MULTI;
}

int returns_choose(struct bpf_object *obj, enum trace_backend backend, bool wanted)
{
	static const enum trace_backend backends[] = {TRACE_BACKEND_KPROBE, TRACE_BACKEND_KPROBE_MULTI};

	for (size_t i = 0; i < ARRAY_SIZE(backends); i++)
		bpf_program__set_autoload(program(obj, backends[i]), wanted && backend == backends[i]);
	return bpf_program__set_expected_attach_type(program(obj, TRACE_BACKEND_KPROBE_MULTI), BPF_TRACE_KPROBE_MULTI);
}

void returns_make(struct bpf_object *obj, enum trace_backend backend, bool wanted, const struct func_set *set,
		  const struct func **funcs, struct attach_group *ret)
{
	*ret = (struct attach_group){.prog = program(obj, backend), .funcs = funcs, .at_return = true};
	if (!wanted)
		return;
	ret->prog_fd = bpf_program__fd(ret->prog);
	for (size_t i = 0; i < set->n; i++) {
		const struct func *f = &set->items[i];

		if (f->attachable && f->result.kind != FUNC_RETURNS_VOID)
			ret->funcs[ret->n++] = f;
	}
}
