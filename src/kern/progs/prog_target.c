/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/progs/prog_target.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "kern/progs/prog_info.h"

DEFINE_CLEANUP(struct btf *, btf__free)

void prog_target_free(struct prog_target *t)
{
	for (size_t i = 0; i < t->n_funcs; i++)
		free(t->funcs[i].name);
	free(t->funcs);
	free(t->name);
	*t = (struct prog_target){0};
}

/* Which argument is the context, from 0 on; -ENOENT: none. */
static int context_arg(const struct btf *btf, const struct btf_type *proto, const char *context)
{
	const struct btf_param *params = btf_params(proto);

	for (int i = 0; i < btf_vlen(proto) && i < PROG_ARGS_MAX; i++) {
		const struct btf_type *t = btf__type_by_id(btf, btf__resolve_type(btf, params[i].type));
		const char *name;

		if (!t || !btf_is_ptr(t))
			continue;
		t = btf__type_by_id(btf, btf__resolve_type(btf, t->type));
		name = t && (btf_is_struct(t) || btf_is_fwd(t)) ? btf__name_by_offset(btf, t->name_off) : NULL;
		if (name && strcmp(name, context) == 0)
			return i;
	}
	return -ENOENT;
}

/* 1: the function was added; 0: it does not take the context. */
static int add_func(struct prog_target *t, const struct btf *btf, uint32_t type_id, uint32_t index)
{
	const struct btf_type *func = btf__type_by_id(btf, type_id);
	const struct btf_type *proto = func && btf_is_func(func) ? btf__type_by_id(btf, func->type) : NULL;
	const char *name = func ? btf__name_by_offset(btf, func->name_off) : NULL;
	int arg;

	if (!proto || !btf_is_func_proto(proto) || btf_vlen(proto) > PROG_ARGS_MAX || !name || !*name)
		return 0;
	arg = context_arg(btf, proto, t->xdp ? "xdp_md" : "__sk_buff");
	if (arg < 0 && index > 0)
		return 0;
	t->funcs[t->n_funcs] = (struct prog_func){
		.name = strdup(name),
		.type_id = type_id,
		.index = index,
		.ctx_arg = arg < 0 ? 0 : (uint8_t)arg, /* the main function takes nothing else */
		.n_args = (uint8_t)btf_vlen(proto),
	};
	if (!t->funcs[t->n_funcs].name)
		return -ENOMEM;
	t->n_funcs++;
	return 1;
}

/* The kernel keeps 15 characters of a program's name; BTF has the full name of its main function. */
static int take_full_name(struct prog_target *t)
{
	char *name;

	if (!t->n_funcs || t->funcs[0].index != 0)
		return 0;
	name = strdup(t->funcs[0].name);
	if (!name)
		return -ENOMEM;
	free(t->name);
	t->name = name;
	return 0;
}

static int load_funcs(struct prog_target *t, int prog_fd, uint32_t btf_id, uint32_t n)
{
	_cleanup_(btf__freep) struct btf *btf = btf__load_from_kernel_by_id(btf_id);
	_cleanup_free_ struct bpf_func_info *infos = NULL;
	struct bpf_prog_info want = {.nr_func_info = n, .func_info_rec_size = sizeof(*infos)};
	int r;

	if (!btf)
		return -errno;
	infos = calloc(n, sizeof(*infos));
	t->funcs = calloc(n, sizeof(*t->funcs));
	if (!infos || !t->funcs)
		return -ENOMEM;
	want.func_info = (uintptr_t)infos;
	r = prog_info(prog_fd, &want);
	for (uint32_t i = 0; r >= 0 && i < n && i < want.nr_func_info; i++)
		r = add_func(t, btf, infos[i].type_id, i);
	return r < 0 ? r : take_full_name(t);
}

static int find_prog_array(int prog_fd, bool *ret)
{
	_cleanup_free_ uint32_t *ids = NULL;
	size_t n = 0;
	int r = prog_info_maps(prog_fd, &ids, &n);

	*ret = false;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		_cleanup_close_ int fd = bpf_map_get_fd_by_id(ids[i]);
		struct bpf_map_info info = {0};
		uint32_t size_bytes = sizeof(info);

		if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size_bytes) == 0)
			*ret |= info.type == BPF_MAP_TYPE_PROG_ARRAY;
	}
	return r;
}

bool prog_target_type(uint32_t type)
{
	return type == BPF_PROG_TYPE_XDP || type == BPF_PROG_TYPE_SCHED_CLS || type == BPF_PROG_TYPE_SCHED_ACT;
}

int prog_target_load(int prog_fd, struct prog_target *ret, struct reason *reason)
{
	_cleanup_(prog_target_free) struct prog_target t = {0};
	struct bpf_prog_info info = {0};
	int r = prog_info(prog_fd, &info);

	if (r < 0)
		return r;
	if (!prog_target_type(info.type))
		return 0;
	t.id = info.id;
	t.xdp = info.type == BPF_PROG_TYPE_XDP;
	info.name[sizeof(info.name) - 1] = '\0';
	t.name = strdup(info.name);
	if (!t.name)
		return -ENOMEM;
	if (info.btf_id && info.nr_func_info)
		r = load_funcs(&t, prog_fd, info.btf_id, info.nr_func_info);
	else
		r = reason_set(reason, -ENODATA,
			       "it was loaded without BTF, and only what BTF describes can be followed");
	if (r >= 0)
		r = find_prog_array(prog_fd, &t.has_prog_array);
	if (r < 0 && r != -ENODATA)
		return r;
	*ret = t;
	t = (struct prog_target){0};
	return r < 0 ? r : 1;
}
