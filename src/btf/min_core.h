/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small BTF with only those of the kernel's types that an object names. libbpf uses it to relocate the object's
 * programs (CO-RE). Without it, libbpf reads all types of vmlinux once more, and compares all of them with each type
 * that is named.
 */
#pragma once

#include "base/cleanup.h"
#include "btf/index.h"

struct min_core;

/* Makes the file, still empty, so that struct bpf_object_open_opts can name it. 0 or -errno. */
int min_core_new(struct min_core **ret);
void min_core_free(struct min_core *c);
DEFINE_CLEANUP(struct min_core *, min_core_free)

/* The file's path, for btf_custom_path of struct bpf_object_open_opts. Valid until min_core_free(). */
const char *min_core_path(const struct min_core *c);

/* Writes the file. To be called after the object was opened and before it is loaded. own: the object's types. module:
 * the kernel module in whose types those are looked for that vmlinux does not have; NULL: none. 0 or -errno. */
int min_core_fill(struct min_core *c, const struct btf *own, const struct btf_index *vmlinux, const char *module);

/* The same without a file, for tests: appends to ret the structures that own names, from vmlinux or else from module,
 * whose base is vmlinux; module may be NULL. A structure keeps the members whose name any structure of own uses. 0,
 * -ENOMEM, or -EINVAL for malformed types. */
int min_core_collect(const struct btf *own, const struct btf_index *vmlinux, const struct btf *module, struct btf *ret);
