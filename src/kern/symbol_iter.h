/* SPDX-License-Identifier: GPL-2.0-only */
/* The running kernel's symbols, read in the fastest way that the kernel has. */
#pragma once

#include "btf/index.h"
#include "kallsyms/ksyms_builder.h"

struct verifier_log;

/* Reads them by a BPF iterator if the kernel has one for symbols (6.0) and allows it, and vmlinux has the running
 * kernel's types; else from /proc/kallsyms. Errors are those of ksyms_load(). */
int symbol_iter_load(const struct btf_index *vmlinux, struct ksyms **ret, struct reason *reason);

/* Loads the iterator, if the kernel has it, and unloads it. The log gets the verifier's account. 0, also without an
 * iterator, or -errno with a reason. */
int symbol_iter_verify(const struct btf_index *vmlinux, struct verifier_log *log, struct reason *reason);

/* Adds the complete records of struct st_symbol among the len bytes at data. Returns how many bytes they have; -EBADMSG
 * for a malformed record; or an error of ksyms_builder_add(). */
ssize_t symbol_iter_parse(struct ksyms_builder *b, const uint8_t *data, size_t len);
