/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/sections.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kern/lean.h"

#define SECTION_PREFIX "st_"
#define TARGETS_MAX    16 /* in modules */
#define MODULE_MAX     64

struct target {
	const char *path; /* MODULE/FUNCTION: borrowed from the section's name */
	uint32_t btf_id;  /* 0: the kernel has no such function, or no BTF for it */
	int btf_fd;	  /* owned; 0: it is in vmlinux */
};

struct sections {
	const struct vmbtf *vmlinux;
	struct target modules[TARGETS_MAX]; /* that were looked for */
	size_t n_modules;
	struct lean lean;
};

/* The load that is under way: libbpf's handlers belong to the process. */
static struct sections *current;

/* The first type of btf that is its own and not its base's. */
static uint32_t find_own(const struct btf *btf, uint32_t first, const char *func)
{
	for (uint32_t id = first; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_is_func(t) && strcmp(btf__name_by_offset(btf, t->name_off), func) == 0)
			return id;
	}
	return 0;
}

/* The kernel's BTF object of that name, or -errno. */
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

static void find_in_module(const struct vmbtf *vmlinux, const char *module, const char *func, struct target *ret)
{
	struct btf *btf = btf__load_module_btf(module, vmbtf_types(vmlinux));
	uint32_t id;
	int fd;

	if (!btf) {
		ret->btf_id = vmbtf_find(vmlinux, BTF_KIND_FUNC, func);
		return;
	}
	id = find_own(btf, btf__type_cnt(vmbtf_types(vmlinux)), func);
	btf__free(btf);
	fd = id ? open_btf(module) : -1;
	if (fd > 0) {
		ret->btf_id = id;
		ret->btf_fd = fd;
	}
}

static struct target find_path(struct sections *e, const char *path, const char *slash)
{
	struct target *t = e->modules;
	char module[MODULE_MAX];
	size_t len = (size_t)(slash - path);

	for (; t < e->modules + e->n_modules; t++)
		if (strcmp(t->path, path) == 0)
			return *t;
	if (len >= sizeof(module) || e->n_modules == TARGETS_MAX)
		return (struct target){0};
	memcpy(module, path, len);
	module[len] = '\0';
	*t = (struct target){.path = path};
	find_in_module(e->vmlinux, module, slash + 1, t);
	e->n_modules++;
	return *t;
}

static struct target find(struct sections *e, const struct bpf_program *prog)
{
	const char *path = strchr(bpf_program__section_name(prog), '/') + 1;
	const char *slash = strchr(path, '/');

	if (slash)
		return find_path(e, path, slash);
	return (struct target){.btf_id = vmbtf_find(e->vmlinux, BTF_KIND_FUNC, path)};
}

/* Up to here libbpf does not know that these are tracing programs, and has no reason to read vmlinux's BTF itself. */
static int prepare_at(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie _unused_)
{
	struct target t = current ? find(current, prog) : (struct target){0};
	int r;

	if (!t.btf_id)
		return -ENOENT;
	opts->attach_btf_id = t.btf_id;
	opts->attach_btf_obj_fd = (__u32)t.btf_fd;
	r = bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
	return r < 0 ? r : lean_program(&current->lean, prog, opts);
}

/* Its functions are named when it is attached. */
static int prepare_multi(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long attach_type)
{
	int r = bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);

	opts->expected_attach_type = (enum bpf_attach_type)attach_type;
	return r < 0 || !current ? r : lean_program(&current->lean, prog, opts);
}

static int prepare_plain(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie _unused_)
{
	return current ? lean_program(&current->lean, prog, opts) : 0;
}

static int attach_raw_tp(const struct bpf_program *prog, long cookie _unused_, struct bpf_link **ret)
{
	*ret = bpf_program__attach_raw_tracepoint(prog, strchr(bpf_program__section_name(prog), '/') + 1);
	return *ret ? 0 : -errno;
}

static int attach(const struct bpf_program *prog, long cookie _unused_, struct bpf_link **ret)
{
	*ret = bpf_program__expected_attach_type(prog) == BPF_TRACE_ITER ? bpf_program__attach_iter(prog, NULL)
									 : bpf_program__attach_trace(prog);
	return *ret ? 0 : -errno;
}

/* Once, for good: taking the last handler back leaves libbpf 1.1 with a pointer to freed memory, on which the next
 * registration dies. */
static int register_sections(void)
{
	static const struct {
		const char *section;
		enum bpf_prog_type prog;
		enum bpf_attach_type type;
		libbpf_prog_prepare_load_fn_t prepare;
		libbpf_prog_attach_fn_t attach;
		long cookie;
	} all[] = {
		{SECTION_PREFIX "fentry.multi", BPF_PROG_TYPE_KPROBE, 0, prepare_multi, NULL, BPF_TRACE_FENTRY_MULTI_},
		{SECTION_PREFIX "fexit.multi", BPF_PROG_TYPE_KPROBE, 0, prepare_multi, NULL, BPF_TRACE_FEXIT_MULTI_},
		{SECTION_PREFIX "fentry+", BPF_PROG_TYPE_KPROBE, BPF_TRACE_FENTRY, prepare_at, attach, 0},
		{SECTION_PREFIX "fexit+", BPF_PROG_TYPE_KPROBE, BPF_TRACE_FEXIT, prepare_at, attach, 0},
		{SECTION_PREFIX "iter+", BPF_PROG_TYPE_KPROBE, BPF_TRACE_ITER, prepare_at, attach, 0},
		{SECTION_PREFIX "kprobe", BPF_PROG_TYPE_KPROBE, 0, prepare_plain, NULL, 0},
		{SECTION_PREFIX "raw_tp+", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, prepare_plain, attach_raw_tp, 0}};
	static bool done;

	for (size_t i = 0; !done && i < ARRAY_SIZE(all); i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = all[i].prepare,
			    .prog_attach_fn = all[i].attach, .cookie = all[i].cookie);
		int r = libbpf_register_prog_handler(all[i].section, all[i].prog, all[i].type, &opts);

		if (r < 0)
			return r;
	}
	done = true;
	return 0;
}

int sections_new(const struct vmbtf *vmlinux, struct sections **ret)
{
	struct sections *e;
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

void sections_free(struct sections *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n_modules; i++)
		if (e->modules[i].btf_fd > 0)
			close(e->modules[i].btf_fd);
	lean_clear(&e->lean);
	free(e);
}

bool sections_has(struct sections *e, const struct bpf_program *prog)
{
	static const char *const at_function[] = {SECTION_PREFIX "fentry/", SECTION_PREFIX "fexit/",
						  SECTION_PREFIX "iter/"};
	const char *section = bpf_program__section_name(prog);

	for (size_t i = 0; i < ARRAY_SIZE(at_function); i++)
		if (strncmp(section, at_function[i], strlen(at_function[i])) == 0)
			return find(e, prog).btf_id;
	return true;
}

void sections_begin(struct sections *e, const struct bpf_object *obj)
{
	e->lean.obj = obj;
	current = e;
}

void sections_end(void)
{
	current = NULL;
}
