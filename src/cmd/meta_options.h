/* SPDX-License-Identifier: GPL-2.0-only */
/* The filters on what surrounds a packet, as options: the same rows, and so the same meaning, for a trace and for a
 * recording of one. */
#pragma once

#include "cmd/cmd.h"

/* Setters for opt.set: dst is a struct event_match. */
int opt_match_netns(void *dst, const char *value, struct reason *reason);
int opt_match_ifname(void *dst, const char *value, struct reason *reason);
int opt_match_mark(void *dst, const char *value, struct reason *reason);
int opt_match_pid(void *dst, const char *value, struct reason *reason);
int opt_match_comm(void *dst, const char *value, struct reason *reason);
int opt_match_func(void *dst, const char *value, struct reason *reason);
int opt_match_func_not(void *dst, const char *value, struct reason *reason);

/* Rows of an option table; at: offset of the struct event_match. */
#define META_OPTION_ROWS(at)                                                                                           \
	{"filter-netns", 0, "NETNS", "packets in this namespace: its name, path or inode:N", opt_match_netns, (at)},   \
		{"filter-ifname", 0, "NAME", "packets on a device of this name", opt_match_ifname, (at)},              \
		{"filter-mark", 0, "MARK[/MASK]", "packets with this mark", opt_match_mark, (at)},                     \
		{"filter-pid", 0, "PID", "packets while this process runs", opt_match_pid, (at)},                      \
	{                                                                                                              \
		"filter-comm", 0, "NAME", "packets while a process of this name runs", opt_match_comm, (at)            \
	}
