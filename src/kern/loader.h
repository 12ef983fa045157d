/* SPDX-License-Identifier: GPL-2.0-only */
/* How every object of ours is opened and loaded: relocated by core_btf.h, attached by sections.h. Private to this
 * room. */
#pragma once

#include <bpf/libbpf.h>

#include "kern/sections.h"
#include "kern/vmbtf.h"

struct loader;
struct prog_log;

/* For one object, and until that is loaded. vmlinux is borrowed, and the running kernel's. 0, -ENOMEM or -errno. */
int loader_new(const struct vmbtf *vmlinux, struct loader **ret);
void loader_free(struct loader *l);
DEFINE_CLEANUP(struct loader *, loader_free)

/* What the object is to be opened with; good as long as l is. */
const struct bpf_object_open_opts *loader_open_opts(const struct loader *l);
/* To ask what the kernel has, before programs are chosen. */
struct sections *loader_sections(const struct loader *l);

/* Loads the programs that are chosen. module: whose types they name beside vmlinux's; NULL: none's. log: told of each
 * program as one of the object `name`; NULL: nobody is. 0 or -errno. */
int loader_load(struct loader *l, struct bpf_object_skeleton *skeleton, const char *module, struct prog_log *log,
		const char *name);
