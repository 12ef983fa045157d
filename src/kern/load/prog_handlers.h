/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handlers of our own (libbpf_register_prog_handler()) for programs in the sections
 *   st_fentry/FUNCTION, st_fexit/FUNCTION (or .../MODULE/FUNCTION), st_iter/FUNCTION.
 * They find the kernel function by the index of vmlinux's types. libbpf's own handlers of fentry/ and the like search
 * the whole BTF of vmlinux and of every loaded module, for each program. Private to src/kern.
 */
#pragma once

#include "base/cleanup.h"
#include "btf/index.h"

struct bpf_program;
struct prog_handlers;

/* The handlers for one object. vmlinux is borrowed, and has the running kernel's types. 0 or -errno. */
int prog_handlers_new(const struct btf_index *vmlinux, struct prog_handlers **ret);
void prog_handlers_free(struct prog_handlers *e);
DEFINE_CLEANUP(struct prog_handlers *, prog_handlers_free)

/* Whether this kernel has the function of the program's section; true for programs in other sections. A function of a
 * module is looked for in the module's own BTF (5.11 and newer), or in vmlinux if the module is built in. */
bool prog_handlers_has(struct prog_handlers *e, const struct bpf_program *prog);

/* Around the load of an object that has programs in these sections. libbpf's handlers belong to the process, so only
 * one load may be under way. */
void prog_handlers_begin(struct prog_handlers *e);
void prog_handlers_end(void);
