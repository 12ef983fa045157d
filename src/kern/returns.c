/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/returns.h"

#include <bpf/libbpf.h>

static struct bpf_program *program(struct bpf_object *obj, enum trace_backend backend)
{
	static const char *const names[] = {[TRACE_BACKEND_KPROBE] = "returned",
					    [TRACE_BACKEND_KPROBE_MULTI] = "multi_returned",
					    [TRACE_BACKEND_FENTRY_MULTI] = "fentry_returned"};

	return bpf_object__find_program_by_name(obj, names[backend]);
}

/* kprobe.multi takes what fentry.multi does not. */
static bool needs(const struct trace_opts *opts, enum trace_backend backend)
{
	return opts->filter.returns && (opts->backend == backend || (opts->backend == TRACE_BACKEND_FENTRY_MULTI &&
								     backend == TRACE_BACKEND_KPROBE_MULTI));
}

enum st_returns returns_way(const struct trace_opts *opts)
{
	if (!opts->filter.returns)
		return ST_RETURNS_NONE;
	return opts->backend == TRACE_BACKEND_KPROBE ? ST_RETURNS_KRETPROBE : ST_RETURNS_MULTI;
}

int returns_choose(struct bpf_object *obj, const struct trace_opts *opts)
{
	static const enum trace_backend backends[] = {TRACE_BACKEND_KPROBE, TRACE_BACKEND_KPROBE_MULTI,
						      TRACE_BACKEND_FENTRY_MULTI};

	for (size_t i = 0; i < ARRAY_SIZE(backends); i++)
		bpf_program__set_autoload(program(obj, backends[i]), needs(opts, backends[i]));
	return bpf_program__set_expected_attach_type(program(obj, TRACE_BACKEND_KPROBE_MULTI), BPF_TRACE_KPROBE_MULTI);
}

static void make(struct bpf_object *obj, const struct trace_opts *opts, enum trace_backend backend,
		 const struct fentry_multi *fentry, const struct func_set *set, const struct func **funcs,
		 struct attach_group *ret)
{
	bool by_fentry = backend == TRACE_BACKEND_FENTRY_MULTI;

	*ret = (struct attach_group){.prog = program(obj, backend), .funcs = funcs, .at_return = true};
	if (!needs(opts, backend))
		return;
	ret->prog_fd = bpf_program__fd(ret->prog);
	for (size_t i = 0; i < set->n; i++) {
		const struct func *f = &set->items[i];

		if (f->attachable && f->result.kind != FUNC_RETURNS_VOID &&
		    (fentry && fentry_multi_takes(fentry, f)) == by_fentry)
			ret->funcs[ret->n++] = f;
	}
}

void returns_make_fentry(struct bpf_object *obj, const struct trace_opts *opts, const struct fentry_multi *fentry,
			 const struct func_set *set, const struct func **funcs, struct attach_group *ret)
{
	make(obj, opts, TRACE_BACKEND_FENTRY_MULTI, fentry, set, funcs, ret);
}

void returns_make(struct bpf_object *obj, const struct trace_opts *opts, const struct fentry_multi *fentry,
		  const struct func_set *set, const struct func **funcs, struct attach_group *ret)
{
	make(obj, opts, fentry ? TRACE_BACKEND_KPROBE_MULTI : opts->backend, fentry, set, funcs, ret);
}
