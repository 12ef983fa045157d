/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/module_func.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The first type of btf that is its own and not its base's. */
static int find_own(const struct btf *btf, __u32 first, const char *func)
{
	for (__u32 id = first; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_is_func(t) && strcmp(btf__name_by_offset(btf, t->name_off), func) == 0)
			return (int)id;
	}
	return 0;
}

/* The kernel's BTF object of that name, or -errno. */
static int open_btf(const char *module)
{
	__u32 id = 0;

	while (bpf_btf_get_next_id(id, &id) == 0) {
		char name[64] = "";
		struct bpf_btf_info info = {.name = (uintptr_t)name, .name_len = sizeof(name)};
		__u32 len = sizeof(info);
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &info, &len) == 0 && info.kernel_btf && strcmp(name, module) == 0)
			return fd;
		close(fd);
	}
	return -ENOENT;
}

struct module_func module_func_find(const struct btf *vmlinux, const char *module, const char *func)
{
	struct btf *btf = btf__load_module_btf(module, (struct btf *)vmlinux);
	struct module_func f = {0};
	int id;

	if (!btf) {
		id = btf__find_by_name_kind(vmlinux, func, BTF_KIND_FUNC);
		return id > 0 ? (struct module_func){.btf_id = id} : f;
	}
	id = find_own(btf, btf__type_cnt(vmlinux), func);
	btf__free(btf);
	if (id) {
		f.btf_fd = open_btf(module);
		f.btf_id = f.btf_fd > 0 ? id : 0;
	}
	if (f.btf_fd < 0)
		f.btf_fd = 0;
	return f;
}

void module_func_close(struct module_func *f)
{
	if (f->btf_fd > 0)
		close(f->btf_fd);
	*f = (struct module_func){0};
}

/* The load that is under way. libbpf's handlers belong to the process, and taking the last one back leaves 1.1 with a
 * pointer to freed memory, on which the next registration dies: so ours is registered once, for good. */
static const struct module_func_handler *current;

static int prepare(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie _unused_)
{
	struct module_func f = current ? current->find(current->ctx, prog) : (struct module_func){0};

	if (!f.btf_id)
		return -ENOENT;
	opts->attach_btf_id = f.btf_id;
	opts->attach_btf_obj_fd = f.btf_fd;
	return 0;
}

int module_func_begin(const struct module_func_handler *handler)
{
	static bool registered;
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = prepare);
	int r;

	if (!registered) {
		r = libbpf_register_prog_handler(MODULE_FENTRY "+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, &opts);
		if (r < 0)
			return r;
		registered = true;
	}
	current = handler;
	return 0;
}

void module_func_end(void)
{
	current = NULL;
}
