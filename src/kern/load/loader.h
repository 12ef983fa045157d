/* SPDX-License-Identifier: GPL-2.0-only */
/* How each of our objects is opened and loaded: relocated by btf/min_core.h, attached by prog_handlers.h. Private to
 * src/kern. */
#pragma once

#include <bpf/libbpf.h>

#include "btf/index.h"
#include "kern/load/prog_handlers.h"

struct loader;
struct verifier_log;

/* A loader is for one object, and needed until that is loaded. vmlinux is borrowed, and has the running kernel's types.
 * 0 or -errno. */
int loader_new(const struct btf_index *vmlinux, struct loader **ret);
void loader_free(struct loader *l);
DEFINE_CLEANUP(struct loader *, loader_free)

/* -EOPNOTSUPP with a reason if a probe of this kernel must not write into a BPF ring buffer; 0 if it may. */
int loader_check_ring(const struct btf_index *vmlinux, struct reason *reason);

/* The options to open the object with; valid until loader_free(). */
const struct bpf_object_open_opts *loader_open_opts(const struct loader *l);
/* For prog_handlers_has(), before programs are selected. Borrowed from l. */
struct prog_handlers *loader_handlers(const struct loader *l);

/* Loads the selected programs. module: the kernel module whose types they name besides those of vmlinux; NULL: none.
 * log: gets the verifier's account of each program, under the object's name `name`; NULL: no log. 0 or -errno. */
int loader_load(struct loader *l, struct bpf_object_skeleton *skeleton, const char *module, struct verifier_log *log,
		const char *name);
