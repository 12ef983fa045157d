/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/load/prog_handlers.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTION_PREFIX "st_"
#define TARGETS_MAX    16 /* functions of modules in one object */
#define MODULE_MAX     64

/* A kernel function that a program attaches to. */
struct kernel_func {
	const char *path; /* MODULE/FUNCTION: borrowed from the section's name */
	uint32_t btf_id;  /* 0: the kernel has no such function, or no BTF for it */
	int btf_fd;	  /* owned; the module's BTF; 0: the function is in vmlinux */
};

struct prog_handlers {
	const struct btf_index *vmlinux;
	struct kernel_func modules[TARGETS_MAX]; /* the functions of modules that were looked for */
	size_t n_modules;
};

/* Those of the load that is under way. */
static struct prog_handlers *current;

/* The function's id among the types of btf from `first` on, which are its own and not its base's; or 0. */
static uint32_t find_own(const struct btf *btf, uint32_t first, const char *func)
{
	for (uint32_t id = first; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_is_func(t) && strcmp(btf__name_by_offset(btf, t->name_off), func) == 0)
			return id;
	}
	return 0;
}

/* A descriptor of the kernel's BTF object of that module, or -ENOENT. */
static int open_btf(const char *module)
{
	__u32 id = 0;

	while (bpf_btf_get_next_id(id, &id) == 0) {
		char name[MODULE_MAX] = "";
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

static void find_in_module(const struct btf_index *vmlinux, const char *module, const char *func,
			   struct kernel_func *ret)
{
	struct btf *btf = btf__load_module_btf(module, btf_index_types(vmlinux));
	uint32_t id;
	int fd;

	if (!btf) {
		ret->btf_id = btf_index_find(vmlinux, BTF_KIND_FUNC, func);
		return;
	}
	id = find_own(btf, btf__type_cnt(btf_index_types(vmlinux)), func);
	btf__free(btf);
	fd = id ? open_btf(module) : -1;
	if (fd > 0) {
		ret->btf_id = id;
		ret->btf_fd = fd;
	}
}

static struct kernel_func find_path(struct prog_handlers *e, const char *path, const char *slash)
{
	struct kernel_func *t = e->modules;
	char module[MODULE_MAX];
	size_t len = (size_t)(slash - path);

	for (; t < e->modules + e->n_modules; t++)
		if (strcmp(t->path, path) == 0)
			return *t;
	if (len >= sizeof(module) || e->n_modules == TARGETS_MAX)
		return (struct kernel_func){0};
	memcpy(module, path, len);
	module[len] = '\0';
	*t = (struct kernel_func){.path = path};
	find_in_module(e->vmlinux, module, slash + 1, t);
	e->n_modules++;
	return *t;
}

static struct kernel_func find(struct prog_handlers *e, const struct bpf_program *prog)
{
	const char *path = strchr(bpf_program__section_name(prog), '/') + 1;
	const char *slash = strchr(path, '/');

	if (slash)
		return find_path(e, path, slash);
	return (struct kernel_func){.btf_id = btf_index_find(e->vmlinux, BTF_KIND_FUNC, path)};
}

/* The programs become tracing programs only here, just before their load: earlier libbpf would read vmlinux's BTF for
 * them. */
static int prepare_at(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie _unused_)
{
	struct kernel_func t = current ? find(current, prog) : (struct kernel_func){0};

	if (!t.btf_id)
		return -ENOENT;
	opts->attach_btf_id = t.btf_id;
	opts->attach_btf_obj_fd = (__u32)t.btf_fd;
	return bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
}

static int attach(const struct bpf_program *prog, long cookie _unused_, struct bpf_link **ret)
{
	*ret = bpf_program__expected_attach_type(prog) == BPF_TRACE_ITER ? bpf_program__attach_iter(prog, NULL)
									 : bpf_program__attach_trace(prog);
	return *ret ? 0 : -errno;
}

/* Registers the handlers once, for good: when the last handler is unregistered, libbpf 1.1 keeps a pointer to freed
 * memory, and the next registration crashes. */
static int register_sections(void)
{
	static const struct {
		const char *section;
		enum bpf_prog_type prog;
		enum bpf_attach_type type;
		libbpf_prog_prepare_load_fn_t prepare;
		libbpf_prog_attach_fn_t attach;
	} all[] = {{SECTION_PREFIX "fentry+", BPF_PROG_TYPE_KPROBE, BPF_TRACE_FENTRY, prepare_at, attach},
		   {SECTION_PREFIX "fexit+", BPF_PROG_TYPE_KPROBE, BPF_TRACE_FEXIT, prepare_at, attach},
		   {SECTION_PREFIX "iter+", BPF_PROG_TYPE_KPROBE, BPF_TRACE_ITER, prepare_at, attach}};
	static bool done;

	for (size_t i = 0; !done && i < ARRAY_SIZE(all); i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = all[i].prepare,
			    .prog_attach_fn = all[i].attach);
		int r = libbpf_register_prog_handler(all[i].section, all[i].prog, all[i].type, &opts);

		if (r < 0)
			return r;
	}
	done = true;
	return 0;
}

int prog_handlers_new(const struct btf_index *vmlinux, struct prog_handlers **ret)
{
	struct prog_handlers *e;
	int r = register_sections();

	if (r < 0)
		return r;
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->vmlinux = vmlinux;
	*ret = e;
	return 0;
}

void prog_handlers_free(struct prog_handlers *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n_modules; i++)
		if (e->modules[i].btf_fd > 0)
			close(e->modules[i].btf_fd);
	free(e);
}

bool prog_handlers_has(struct prog_handlers *e, const struct bpf_program *prog)
{
	static const char *const at_function[] = {SECTION_PREFIX "fentry/", SECTION_PREFIX "fexit/",
						  SECTION_PREFIX "iter/"};
	const char *section = bpf_program__section_name(prog);

	for (size_t i = 0; i < ARRAY_SIZE(at_function); i++)
		if (strncmp(section, at_function[i], strlen(at_function[i])) == 0)
			return find(e, prog).btf_id;
	return true;
}

void prog_handlers_begin(struct prog_handlers *e)
{
	current = e;
}

void prog_handlers_end(void)
{
	current = NULL;
}
