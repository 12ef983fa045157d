/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's symbols in binary form. /proc/kallsyms has the same content, but there the kernel writes the numbers as
 * text, and also the names of data, which nobody looks for. This takes longer than finding the symbols. The iterator
 * exists since 6.0 (kernel/kallsyms.c).
 *
 * If a record does not fit, the kernel drops what was written of it and calls the program again for the same symbol. So
 * no record depends on the one before it.
 */
#include "bpf/event.h"
#include "bpf/kernel.h"

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* kernel/kallsyms.c, include/linux/kallsyms.h */
struct kallsym_iter {
	unsigned long value;
	char type;
	char name[ST_SYMBOL_NAME_MAX];
	char module_name[ST_SYMBOL_MODULE_MAX];
	int exported, show_value;
};

/* include/linux/bpf.h */
struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__ksym {
	struct bpf_iter_meta *meta;
	struct kallsym_iter *ksym;
};

#pragma clang attribute pop

/* One buffer is enough: there is one reader, which reads one symbol at a time. */
static struct {
	struct st_symbol head;
	char text[ST_SYMBOL_NAME_MAX + ST_SYMBOL_MODULE_MAX];
} st_record;

__u64 st_unreadable; /* symbols whose name could not be read */

/* The type as /proc/kallsyms shows it: a capital letter means that a symbol of a module is exported. */
static __always_inline char shown_type(const struct kallsym_iter *sym)
{
	char lower = sym->type | 0x20;

	if (!sym->module_name[0])
		return sym->type;
	return sym->exported ? lower & ~0x20 : lower;
}

static __always_inline int is_text(char type)
{
	char lower = type | 0x20;

	return lower == 't' || lower == 'w';
}

SEC("st_iter/bpf_iter_ksym")
int symbols(struct bpf_iter__ksym *ctx)
{
	struct kallsym_iter *sym = ctx->ksym;
	struct st_symbol *head = &st_record.head;
	long name = 0, module = 0;

	if (!sym)
		return 0;
	head->type = shown_type(sym);
	head->addr = sym->show_value ? sym->value : 0;
	if (is_text(head->type)) {
		name = bpf_probe_read_kernel_str(st_record.text, ST_SYMBOL_NAME_MAX, sym->name) - 1;
		if (name < 1) {
			st_unreadable++;
			return 0;
		}
		name &= ST_SYMBOL_NAME_MAX - 1;
	}
	if (sym->module_name[0]) {
		module = bpf_probe_read_kernel_str(st_record.text + name, ST_SYMBOL_MODULE_MAX, sym->module_name) - 1;
		if (module < 1) {
			st_unreadable++;
			return 0;
		}
		module &= ST_SYMBOL_MODULE_MAX - 1;
	}
	head->name_bytes = name;
	head->module_bytes = module;
	bpf_seq_write(ctx->meta->seq, &st_record, sizeof(*head) + name + module);
	return 0;
}
