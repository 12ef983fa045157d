/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the kernel's code by address: from the running kernel with its modules (/proc/kcore), or from an ELF vmlinux.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/reason.h"

struct kcode;

/* Opens the running kernel. -ENOENT without /proc/kcore (CONFIG_PROC_KCORE), -EPERM or -EACCES if it may not be read
 * (CAP_SYS_RAWIO; lockdown), -EBADMSG if it is not an ELF file, all with a reason; -ENOMEM. */
int kcode_open(struct kcode **ret, struct reason *reason);
/* Opens an ELF file with program headers, such as vmlinux, with the addresses in these headers. Errors as above. */
int kcode_open_file(const char *path, struct kcode **ret, struct reason *reason);
void kcode_free(struct kcode *kc);

/* Copies up to len_bytes from addr, within one segment, and returns their number. -EFAULT if addr is in no segment, or
 * the error of pread(2). */
ssize_t kcode_read(const struct kcode *kc, uint64_t addr, void *buf, size_t len_bytes);

DEFINE_CLEANUP(struct kcode *, kcode_free)
#define _cleanup_kcode_ _cleanup_(kcode_freep)
