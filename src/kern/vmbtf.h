/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of vmlinux, read once and handed around: 150,000 on a distribution's kernel, several megabytes. libbpf
 * looks for a name by going through them all, which emulated takes some 10 ms each time; here they are indexed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

struct btf;
struct vmbtf;

/* BTF of the running kernel's vmlinux, or from the file kernel_btf (raw BTF or ELF), if that is not NULL. -ENOENT
 * without BTF, -EACCES, -EINVAL if it is malformed, -ENOMEM; with a reason. *ret is left alone on failure. */
int vmbtf_load(const char *kernel_btf, struct vmbtf **ret, struct reason *reason);
/* The same of types that are there; takes btf over, also on failure: -ENOMEM. */
int vmbtf_new(struct btf *btf, struct vmbtf **ret);
void vmbtf_free(struct vmbtf *v);
DEFINE_CLEANUP(struct vmbtf *, vmbtf_free)

/* Whether it is not from a file: numbers of types are good for the running kernel. */
bool vmbtf_is_running(const struct vmbtf *v);
/* For libbpf, which wants it writable as the base of modules' types. */
struct btf *vmbtf_types(const struct vmbtf *v);

/* The first type of that name and kind (BTF_KIND_...), or 0. */
uint32_t vmbtf_find(const struct vmbtf *v, unsigned kind, const char *name);
/* The next one after id, of the same name and kind, or 0. */
uint32_t vmbtf_find_next(const struct vmbtf *v, uint32_t id);
bool vmbtf_has_func(const struct vmbtf *v, const char *name);
/* The kfree_skb tracepoint has a reason since 5.17: told by the arity of its BTF typedef, not by the version. */
bool vmbtf_has_drop_reason(const struct vmbtf *v);
