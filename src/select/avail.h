/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel says can be probed: ftrace's list of functions, and the blacklist of kprobes.
 *
 * ftrace's list comes as "NAME [MODULE]" (available_filter_functions), where a name that exists twice stands there
 * twice, or since 6.5 as "ADDRESS NAME [MODULE]" (available_filter_functions_addrs), which settles which of them it is;
 * the address is that of the call site, up to 16 bytes into the function (kernel/trace/ftrace.c, t_show()).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct avail;

/* Parses both texts; they need not outlive the call. functions NULL: the list could not be had, nothing is then known
 * of ftrace. blacklist (kprobes/blacklist of debugfs) NULL: likewise. -EBADMSG for what is no such list, -ENOMEM. */
int avail_new(const char *functions, size_t functions_len, const char *blacklist, size_t blacklist_len,
	      struct avail **ret);
void avail_free(struct avail *a);

/* Whether there is a list of ftrace's, whether it has addresses, and how many lines. */
bool avail_has_list(const struct avail *a);
bool avail_has_addrs(const struct avail *a);
size_t avail_count(const struct avail *a);

/* How often the list has that name in that module (NULL: vmlinux). */
size_t avail_names(const struct avail *a, const char *name, const char *module);
/* Whether the list has a call site of the function that starts at addr. Only with addresses. */
bool avail_addr(const struct avail *a, uint64_t addr);
bool avail_blacklisted(const struct avail *a, uint64_t addr);

DEFINE_CLEANUP(struct avail *, avail_free)
#define _cleanup_avail_ _cleanup_(avail_freep)
