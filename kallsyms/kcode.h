/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's code bytes, by address: of the running kernel (/proc/kcore, modules included) or of an ELF vmlinux. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/reason.h"

struct kcode;

/* The running kernel. -ENOENT where /proc/kcore does not exist (CONFIG_PROC_KCORE), -EPERM or -EACCES where it is
 * refused (CAP_SYS_RAWIO; lockdown), -EBADMSG if it is no ELF file; always with a reason. */
int kcode_open(struct kcode **ret, struct reason *reason);
/* An ELF file with program headers, like vmlinux; its addresses are those it was linked for. Errors as above. */
int kcode_open_file(const char *path, struct kcode **ret, struct reason *reason);
void kcode_free(struct kcode *kc);

/* Copies up to len_bytes from addr on. Returns how many there were before the segment's end; -EFAULT if addr lies in no
 * segment, or the error of reading. */
ssize_t kcode_read(const struct kcode *kc, uint64_t addr, void *buf, size_t len_bytes);

DEFINE_CLEANUP(struct kcode *, kcode_free)
#define _cleanup_kcode_ _cleanup_(kcode_freep)
