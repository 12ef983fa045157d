/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BTF of no more than the kernel's types that an object names, for libbpf to relocate the object's programs by (CO-RE).
 * Left alone, libbpf reads vmlinux's types once more, and goes through all of them for each type that is named. Private
 * to this room.
 */
#pragma once

#include "base/cleanup.h"
#include "kern/vmbtf.h"

struct core_btf;

/* Empty: to be named in struct bpf_object_open_opts. 0 or -errno. */
int core_btf_new(struct core_btf **ret);
void core_btf_free(struct core_btf *c);
DEFINE_CLEANUP(struct core_btf *, core_btf_free)

/* btf_custom_path of the object; good as long as c is. */
const char *core_btf_path(const struct core_btf *c);

/* Between the object's opening and its loading. own: the object's types. module: where those are looked for that
 * vmlinux does not have; NULL: nowhere. 0, or -errno. */
int core_btf_fill(struct core_btf *c, const struct btf *own, const struct vmbtf *vmlinux, const char *module);

/* The part of it that needs no file: appends to ret what vmlinux has of the structures that own names, or else module,
 * whose base is vmlinux; NULL: none. Of members those stay that any of own's is called like. 0, -ENOMEM, or -EINVAL for
 * malformed types. */
int core_btf_collect(const struct btf *own, const struct vmbtf *vmlinux, const struct btf *module, struct btf *ret);
