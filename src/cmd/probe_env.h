/* SPDX-License-Identifier: GPL-2.0-only */
/* The running kernel's functions, selected: reads what src/select joins. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"
#include "select/probe_spec.h"
#include "select/select.h"

struct probe_env_opts {
	struct select_opts select;
	const struct probe_specs *probes; /* NULL: none; borrowed until probe_env_load() returns */
	bool helpers;			  /* also those that BPF programs call */
	const char *kernel_btf;		  /* raw BTF or ELF file instead of the running kernel's BTF; NULL: none */
	/* Ask the functions' code for their ftrace sites instead of reading ftrace's list: the kernel takes as long to
	 * write it as all the rest of the start. What is not sure is read there after all. */
	bool quick;
};

struct probe_env {
	struct ksyms *ksyms;
	struct vmbtf *btf; /* of vmlinux or from kernel_btf; NULL after probe_env_settle() */
	struct sig_set sigs;
	struct func_set funcs; /* borrows its names from ksyms and sigs, until probe_env_settle() */
	bool kprobe_multi;     /* this kernel has kprobe.multi links (5.18, with CONFIG_FPROBE) */
	bool fentry_multi;     /* and links of one fentry program to many functions (seen in 7.2) */
};

/* Reads kallsyms, BTF of vmlinux and modules, ftrace's list and the kprobe blacklist, and selects. -EPERM where one is
 * refused, -ENOENT without BTF or a function of opts->probes, -EINVAL for a bad regular expression, -errno of reading;
 * with a reason. A missing blacklist, or a kernel without ftrace's list, is no error. *ret is left alone on failure. */
int probe_env_load(const struct probe_env_opts *opts, struct probe_env *ret, struct reason *reason);

/* Reads each function's first bytes and sets its offset_bytes. -errno with a reason if the kernel's code cannot be read
 * or decoded; the functions then stay without. */
int probe_env_read_offsets(struct probe_env *env, struct reason *reason);

/* Gives back what is needed no more once the functions are selected and armed: BTF, signatures, names of data, the
 * index by name. ksyms then answers for addresses only. 0 or -ENOMEM. */
int probe_env_settle(struct probe_env *env);

/* Setters for opt.set: const char *, a regular expression for select_opts.filter_func, borrowed from argv. */
int opt_filter_func(void *dst, const char *value, struct reason *reason);
/* The same, and -EINVAL if it names a function that is left out: see select/deny.h. */
int opt_probed_func(void *dst, const char *value, struct reason *reason);

void probe_env_free(struct probe_env *env);
#define _cleanup_probe_env_ _cleanup_(probe_env_free)
