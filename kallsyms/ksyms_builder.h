/* SPDX-License-Identifier: GPL-2.0-only */
/* Builds a struct ksyms from symbols that are given one by one. */
#pragma once

#include "kallsyms/ksyms.h"

struct ksyms_builder;

/* 0 or -ENOMEM. */
int ksyms_builder_new(struct ksyms_builder **ret);
/* Adds the next symbol, in the order of /proc/kallsyms. type as in struct ksym; the name may be left out (len 0) unless
 * it is text; module NULL: vmlinux. Nothing is borrowed. -E2BIG above 4 GiB of names or 65,535 modules, -ENOMEM. */
int ksyms_builder_add(struct ksyms_builder *b, uint64_t addr, char type, const char *name, size_t len,
		      const char *module, size_t module_len);
/* Makes *ret. Afterwards, and after an error, b can only be freed. -EPERM if all addresses are zero, -EBADMSG if there
 * are no symbols, both with a reason; -ENOMEM. */
int ksyms_builder_finish(struct ksyms_builder *b, struct ksyms **ret, struct reason *reason);
void ksyms_builder_free(struct ksyms_builder *b);

DEFINE_CLEANUP(struct ksyms_builder *, ksyms_builder_free)
