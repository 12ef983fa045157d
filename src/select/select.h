/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which functions are probed, and with which argument. Pure: all inputs are in memory.
 *
 * Theory of operation. BTF gives signatures by name, kallsyms gives addresses, ftrace's list says what may be traced.
 *
 * A signature goes to every text symbol of its name in its module; a name that stands at several addresses gives
 * several functions. Before pahole 1.25 BTF described only the first of such namesakes, so they are marked: at the
 * others the argument may be something else. Reads through a wrong pointer fail and match no filter; they cannot do
 * harm. Several signatures of one name must agree on slot and kind, else none of its addresses is used.
 *
 * Where no symbol has the name, the compiler's copies NAME.SUFFIX are looked at. BTF then names the source function,
 * and only pahole 1.25 and newer write such an entry, after checking against DWARF that no argument sits in another
 * register than the calling convention's (btf_encoder.c: unexpected_reg). What that check leaves open is an argument
 * without any register:
 * - .constprop.N: arguments that are always the same constant are gone, and an skb is no constant. It is still an
 *   argument, its register was checked; for the first argument nothing could have moved it anyway. Taken.
 * - .isra.N: GCC may pass skb->field instead of skb (IPA-SRA), which DWARF does not tell apart from an unused skb. Not
 *   provable, left out.
 * - .part.N: the cold half of a split function, with arguments of its own choosing. Left out.
 * - .cold: no function at all, a jump target. Never looked at.
 * - anything else (.llvm.N is a plain rename by Clang and keeps the arguments): .llvm.N is taken, the rest left out.
 *
 * A few functions that matter are in no BTF of older kernels: their signatures are a table in known.c. Of their
 * suffixed copies only those that take the packet first are used, since nothing checked the registers.
 *
 * ftrace's list decides what may be attached. With addresses (6.5) it is exact. Without, a name listed as often as it
 * has addresses is exact too; listed less often, the addresses are all kept but not marked as ftrace's, so that they
 * are probed one by one and the kernel refuses the wrong ones singly. Where the list is unavailable everything is kept
 * that way. kprobes' blacklist is respected for every backend.
 *
 * What could be probed and had better not be is in deny.c, with the reasons.
 *
 * A fifth of the functions takes no packet but a netlink message: where packets are filtered by what only an IP header
 * has, these could but cost time, and no_netlink leaves them out.
 */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"
#include "select/avail.h"
#include "select/func.h"

struct select_opts {
	const char *filter_func;     /* regular expression that the whole name must match, with or without
				      * its suffix; NULL: all */
	bool all;		     /* keep what is not attachable too, with its reason */
	const char *kmods;	     /* names of modules, separated by commas: others are left out; NULL: all */
	const char *filter_func_not; /* the same: what matches it is left out; NULL: nothing */
	bool no_netlink;	     /* without filter_func: leave out what takes netlink messages only */
};

/* Whether the list, of kmods above, has the module; - and _ are the same in names of modules. A module of NULL is the
 * kernel itself, which always counts. */
bool select_module_listed(const char *kmods, const char *module);

/* Whether text will do as filter_func: 0, or -EINVAL with a reason. */
int select_filter_check(const char *text, struct reason *reason);

/* Joins the inputs. The names in *ret are borrowed from ks and sigs, which must outlive it. Sorts sigs. -EINVAL if
 * filter_func is no regular expression, -ENOMEM; *ret is left alone on failure. An empty result is no error here. */
int select_funcs(const struct select_opts *opts, const struct ksyms *ks, struct sig_set *sigs,
		 const struct avail *avail, struct func_set *ret, struct reason *reason);
