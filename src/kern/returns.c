/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/returns.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kern/refusal.h"

static struct bpf_program *program(struct bpf_object *obj)
{
	return bpf_object__find_program_by_name(obj, "returned");
}

int returns_choose(struct bpf_object *obj, const struct trace_opts *opts, struct reason *reason)
{
	if (opts->filter.returns && opts->backend != TRACE_BACKEND_KPROBE_MULTI)
		return reason_set(reason, -EOPNOTSUPP,
				  "--output-return: needs kprobe.multi (kernel 5.18 with CONFIG_FPROBE), and no "
				  "--backend=kprobe");
	bpf_program__set_autoload(program(obj), opts->filter.returns);
	return bpf_program__set_expected_attach_type(program(obj), BPF_TRACE_KPROBE_MULTI);
}

int returns_attach(struct bpf_object *obj, const struct trace_opts *opts, const struct func_set *funcs,
		   struct multi **ret, size_t *ret_missing, struct reason *reason)
{
	_cleanup_free_ const struct func **all = calloc(funcs->n_attachable + 1, sizeof(*all));
	struct attach_group group = {.prog = program(obj), .funcs = all, .at_return = true};
	struct attach_failures failures = {0};
	struct attach_progress progress = {0};
	int r;

	if (!opts->filter.returns)
		return 0;
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < funcs->n; i++)
		if (funcs->items[i].attachable)
			all[group.n++] = &funcs->items[i];
	r = multi_attach(&group, 1, &failures, &progress, ret, reason);
	*ret_missing = failures.n;
	free(failures.v);
	return r < 0 ? kern_refuse(r, "arm the probes where functions return", reason) : 0;
}
