/* SPDX-License-Identifier: GPL-2.0-only */
/* The running kernel's symbols, by the cheapest way it has. */
#pragma once

#include "kallsyms/ksyms_builder.h"
#include "kern/vmbtf.h"

struct prog_log;

/* By an iterator where the kernel has one (6.0) and lets us, else from /proc/kallsyms. vmlinux: as it was loaded; of
 * a file it is of no use for the former. Errors as ksyms_load(). */
int kern_symbols_load(const struct vmbtf *vmlinux, struct ksyms **ret, struct reason *reason);

/* Loads the iterator, where the kernel has one, and unloads it; tells the log. 0 also where it has none. */
int kern_symbols_verify(const struct vmbtf *vmlinux, struct prog_log *log, struct reason *reason);

/* Adds the whole records of struct st_symbol at data, len bytes. The bytes that were taken, or -EBADMSG for what no
 * such record can be, or an error of ksyms_builder_add(). */
ssize_t kern_symbols_parse(struct ksyms_builder *b, const uint8_t *data, size_t len);
