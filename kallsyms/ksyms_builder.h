/* SPDX-License-Identifier: GPL-2.0-only */
/* For whoever has the kernel's symbols one by one. */
#pragma once

#include "kallsyms/ksyms.h"

struct ksyms_builder;

int ksyms_builder_new(struct ksyms_builder **ret);
/* In the order in which the kernel lists them. type as in struct ksym. Of what is no text the name may be left out
 * (len 0). module: NULL for vmlinux's. Nothing is borrowed. -E2BIG above 4 GiB of names or 65,535 modules, -ENOMEM. */
int ksyms_builder_add(struct ksyms_builder *b, uint64_t addr, char type, const char *name, size_t len,
		      const char *module, size_t module_len);
/* b is of no more use afterwards but to be freed. -EPERM if all addresses are zero, -EBADMSG if there are no symbols,
 * with a reason; -ENOMEM. */
int ksyms_builder_finish(struct ksyms_builder *b, struct ksyms **ret, struct reason *reason);
void ksyms_builder_free(struct ksyms_builder *b);

DEFINE_CLEANUP(struct ksyms_builder *, ksyms_builder_free)
