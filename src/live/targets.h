/* SPDX-License-Identifier: GPL-2.0-only */
/* Selects functions of the running kernel: reads the kernel's lists that src/select joins. */
#pragma once

#include "base/reason.h"
#include "cli/func_options.h"
#include "kallsyms/ksyms.h"
#include "select/probe_spec.h"
#include "select/select.h"

struct targets_opts {
	struct select_opts select;
	const struct probe_specs *probes; /* the user's own probes; NULL: none; borrowed until targets_load() returns */
	bool helpers;			  /* also the helpers that BPF programs call */
	const char *kernel_btf;		  /* raw BTF or ELF file instead of the running kernel's BTF; NULL: none */
	/* Look for ftrace sites in the functions' code instead of reading ftrace's list, which takes the kernel as long
	 * to write as all the rest of the start. If the code does not tell for some function, the list is read. */
	bool quick;
};

struct targets {
	struct ksyms *ksyms;
	struct btf_index *btf; /* types of vmlinux or of kernel_btf; NULL after targets_settle() */
	struct sig_set sigs;
	struct func_set funcs; /* its names are borrowed from ksyms and sigs until targets_settle() */
	bool kprobe_multi;     /* this kernel has kprobe.multi links (5.18, with CONFIG_FPROBE) */
};

/* Fills ret from the options; *o must outlive it. -EINVAL with a reason if the options contradict each other. */
int targets_options(const struct func_options *o, struct targets_opts *ret, struct reason *reason);

/* Reads the symbols, the BTF of vmlinux and modules, ftrace's list and the kprobe blacklist, and selects functions. The
 * lists may be missing. With a reason: -EPERM if something may not be read, -ENOENT without BTF or without a function
 * of opts->probes, -EINVAL for a malformed regular expression, another -errno of reading. *ret is unchanged on failure.
 */
int targets_load(const struct targets_opts *opts, struct targets *ret, struct reason *reason);

/* Reads each function's first bytes and sets its offset_bytes. -errno with a reason if the kernel's code cannot be read
 * or decoded; the functions then have no offset. */
int targets_read_offsets(struct targets *t, struct reason *reason);

/* Frees what is not needed once the functions are attached: BTF, signatures, names of data, the index by name. ksyms
 * then finds symbols by address only. 0 or -ENOMEM. */
int targets_settle(struct targets *t);

void targets_free(struct targets *t);
#define _cleanup_targets_ _cleanup_(targets_free)
