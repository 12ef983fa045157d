/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of modules as targets of tracing programs. libbpf finds these too, but reads and searches the BTF of every
 * loaded module for each: a third of a second of arming under emulation. Private to this room.
 */
#pragma once

#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* Sections of such programs: module_fentry/MODULE/FUNCTION. */
#define MODULE_FENTRY "module_fentry"

struct module_func {
	int btf_id; /* 0: the kernel has no such function, or no BTF for it */
	int btf_fd; /* owned; 0: it is in vmlinux */
};

/* Looks in the module's own BTF (5.11 and newer), or in vmlinux for a module that is built in. */
struct module_func module_func_find(const struct btf *vmlinux, const char *module, const char *func);
void module_func_close(struct module_func *f);

/* Between the two libbpf loads programs of such sections: `find` is asked which function a program is for. Attach them
 * with bpf_program__attach_trace(). handler is borrowed until module_func_end(). 0 or -errno. */
typedef struct module_func (*module_func_fn)(void *ctx, const struct bpf_program *prog);
struct module_func_handler {
	module_func_fn find;
	void *ctx;
};
int module_func_begin(const struct module_func_handler *handler);
void module_func_end(void);
