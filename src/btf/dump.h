/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel structures as text, member by member, as the running kernel's BTF describes them. */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/reason.h"

enum dump_type { DUMP_SKB, DUMP_SHINFO, DUMP_TYPE_MAX };

struct dump;

/* -ENOMEM; -errno with a reason if the kernel has no BTF, or if a structure is not in it. */
int dump_new(struct dump **ret, struct reason *reason);
void dump_free(struct dump *d);
DEFINE_CLEANUP(struct dump *, dump_free)

/* The structure's size in bytes, as sizeof() in the kernel. */
size_t dump_bytes(const struct dump *d, enum dump_type type);
/* The text has several lines, and leaves members out that are zero. d owns it; the next call for the same type
 * overwrites it. -EBADMSG if len_bytes is less than dump_bytes(); -ENOMEM. */
int dump_text(struct dump *d, enum dump_type type, const void *bytes, size_t len_bytes, const char **ret);
