/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types (BTF), read once, and indexed by name. A distribution's kernel has 150,000 of them in several
 * megabytes. libbpf compares them one after the other to find a name, which takes some 10 ms each time in an emulated
 * guest.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

struct btf;
struct btf_index;

/* BTF of the running kernel's vmlinux, or from the file kernel_btf (raw BTF or ELF), if that is not NULL. -ENOENT
 * without BTF, -EACCES, -EINVAL if it is malformed, -ENOMEM; with a reason. *ret is left alone on failure. */
int btf_index_load(const char *kernel_btf, struct btf_index **ret, struct reason *reason);
/* An index of btf, which it takes over, also on failure. 0 or -ENOMEM. */
int btf_index_new(struct btf *btf, struct btf_index **ret);
void btf_index_free(struct btf_index *v);
DEFINE_CLEANUP(struct btf_index *, btf_index_free)

/* Whether the types are those of the running kernel, not of a file: only then do the kernel's type ids agree with them.
 */
bool btf_index_is_running(const struct btf_index *v);
/* The types themselves, borrowed. Not const, because libbpf takes them as the base of a module's types. */
struct btf *btf_index_types(const struct btf_index *v);

/* The first type of that name and kind (BTF_KIND_...), or 0. */
uint32_t btf_index_find(const struct btf_index *v, unsigned kind, const char *name);
/* The next one after id, of the same name and kind, or 0. */
uint32_t btf_index_find_next(const struct btf_index *v, uint32_t id);
bool btf_index_has_func(const struct btf_index *v, const char *name);
/* Whether the kfree_skb tracepoint has a drop reason (5.17 and newer). Told by the number of its
 * arguments in BTF, not by the version. */
bool btf_index_has_drop_reason(const struct btf_index *v);
/* Whether a program that writes into a BPF ring buffer may sleep: on a real-time kernel whose ring buffers have a
 * spinlock_t, which is a mutex there (kernel/bpf/ringbuf.c; a raw_spinlock_t since 6.12, and in some older stable
 * kernels). A probe must not sleep; the kernel warns. */
bool btf_index_ring_sleeps(const struct btf_index *v);
