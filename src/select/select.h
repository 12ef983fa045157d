/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Selects the functions to probe, and the argument that is the packet. Pure: all inputs are in memory.
 *
 * Theory of operation. BTF gives signatures by name, kallsyms gives addresses, and ftrace's list says which functions
 * can be traced.
 *
 * A signature applies to every text symbol of its name in its module; a name with several addresses gives several
 * functions. Before pahole 1.25, BTF described only the first of these, so the argument of the others may be something
 * else. A read through a wrong pointer fails and matches no filter, and does no harm. If a name has several signatures,
 * they must have the same slot and pointer type; otherwise none of its addresses is used.
 *
 * If no symbol has the name, the compiler's copies NAME.SUFFIX are considered. BTF then names the source function. Only
 * pahole 1.25 and newer write such an entry, after a check against DWARF that each argument is in the register of the
 * calling convention (btf_encoder.c: unexpected_reg). The check says nothing about arguments without a register:
 * - .constprop.N: arguments that always have the same constant value are removed. An skb is never a constant, so it is
 *   still an argument, and its register was checked. Selected.
 * - .isra.N: GCC may pass skb->field instead of skb (IPA-SRA), which DWARF does not distinguish from an unused skb.
 * Left out.
 * - .part.N: a part of a split function, with other arguments. Left out.
 * - .cold: not a function but a jump target. Ignored.
 * - .llvm.N: renamed by Clang, with the same arguments. Selected.
 * - any other suffix: left out.
 *
 * Some important functions are missing from the BTF of older kernels; known.c has a table of their signatures. Their
 * registers were not checked, so of their suffixed copies only those whose first argument is the packet are selected.
 *
 * ftrace's list decides which functions are attachable. With addresses (Linux 6.5) it is exact. Without addresses it is
 * exact for a name that is listed as often as it has addresses. If a name is listed less often, or there is no list,
 * all its addresses are kept but not marked as ftrace's: they are probed one by one, and the kernel refuses the wrong
 * ones. The blacklist of kprobes is respected for every backend.
 *
 * deny.c lists functions that could be probed but should not be, with the reasons.
 *
 * A fifth of the functions takes netlink messages instead of packets. If a filter needs an IP header, these never match
 * and only cost time; no_netlink leaves them out.
 */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"
#include "select/avail.h"
#include "select/func.h"

struct select_opts {
	const char *filter_func;     /* regular expression that the whole name must match, with or without its
				      * suffix; NULL: all */
	bool all;		     /* keep functions that are not attachable, with their reasons */
	const char *kmods;	     /* names of modules, separated by commas: others are left out; NULL: all */
	const char *filter_func_not; /* regular expression: functions that match it are left out; NULL: none */
	bool no_netlink;	     /* without filter_func: leave out functions that take netlink messages only */
};

/* Whether the module is in kmods (see struct select_opts); - and _ are equal in names of modules. True for vmlinux
 * (NULL). */
bool select_module_listed(const char *kmods, const char *module);

/* Checks a filter_func: 0, or -EINVAL with a reason. */
int select_filter_check(const char *text, struct reason *reason);

/* Selects the functions. Sorts sigs. The names in *ret are borrowed from ks and sigs until func_set_own_names().
 * -EINVAL if a regular expression is invalid, -ENOMEM; *ret is unchanged on failure. An empty result is no error. */
int select_funcs(const struct select_opts *opts, const struct ksyms *ks, struct sig_set *sigs,
		 const struct avail *avail, struct func_set *ret, struct reason *reason);
