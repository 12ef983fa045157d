/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which functions can be probed: ftrace's list of functions, and the blacklist of kprobes.
 *
 * A line of ftrace's list is "NAME [MODULE]" (available_filter_functions); a name that two functions have is listed
 * twice. Since Linux 6.5 there is also "ADDRESS NAME [MODULE]" (available_filter_functions_addrs), where the address
 * tells the two apart. It is the address of the call site, up to 16 bytes into the function (kernel/trace/ftrace.c,
 * t_show()).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct avail;

/* Parses both texts, and keeps no pointer to them. functions: either of ftrace's lists; blacklist: kprobes/blacklist of
 * debugfs. NULL: the file could not be read, so nothing is known. -EBADMSG for a malformed line, -ENOMEM; *ret is then
 * unchanged. */
int avail_new(const char *functions, size_t functions_len, const char *blacklist, size_t blacklist_len,
	      struct avail **ret);
void avail_free(struct avail *a);

/* Whether ftrace's list is there, whether it has addresses, and its number of lines. */
bool avail_has_list(const struct avail *a);
bool avail_has_addrs(const struct avail *a);
size_t avail_count(const struct avail *a);

/* The number of lines with this name and module (NULL: vmlinux). */
size_t avail_names(const struct avail *a, const char *name, const char *module);
/* Whether the list has a call site of the function that starts at addr. False for a list without addresses. */
bool avail_addr(const struct avail *a, uint64_t addr);
/* Whether addr is in a range of the blacklist. */
bool avail_blacklisted(const struct avail *a, uint64_t addr);

DEFINE_CLEANUP(struct avail *, avail_free)
#define _cleanup_avail_ _cleanup_(avail_freep)
