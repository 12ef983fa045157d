/* SPDX-License-Identifier: GPL-2.0-only */
/* The options that filter packets: the same rows, with the same meaning, for a trace, a recording and check path. */
#pragma once

#include "cli/options.h"
#include "filter/event_match.h"

/* Setters for opt.set: struct match_prefixes, struct match_ports, struct match_names, uint8_t (IPPROTO_*). */
int opt_prefixes(void *dst, const char *value, struct reason *reason);
int opt_ports(void *dst, const char *value, struct reason *reason);
int opt_names(void *dst, const char *value, struct reason *reason);
int opt_proto(void *dst, const char *value, struct reason *reason);

/* Setters for opt.set: dst is a struct event_match. */
int opt_match_netns(void *dst, const char *value, struct reason *reason);
int opt_match_ifname(void *dst, const char *value, struct reason *reason);
int opt_match_mark(void *dst, const char *value, struct reason *reason);
int opt_match_pid(void *dst, const char *value, struct reason *reason);
int opt_match_comm(void *dst, const char *value, struct reason *reason);
int opt_match_func(void *dst, const char *value, struct reason *reason);
int opt_match_func_not(void *dst, const char *value, struct reason *reason);

/* Rows of an option table; at is the offset of the struct event_match. First what the packet's headers say, then what
 * surrounds the packet. */
#define FILTER_OPTION_ROWS(at)                                                                                         \
	FILTER_ROW("filter-src-ip", "ADDR[/LEN]", "packets from this address or prefix", opt_prefixes, at, src),       \
		FILTER_ROW("filter-dst-ip", "ADDR[/LEN]", "packets to this address or prefix", opt_prefixes, at, dst), \
		FILTER_ROW("filter-ip", "ADDR[/LEN]", "packets from or to this address or prefix", opt_prefixes, at,   \
			   any),                                                                                       \
		FILTER_ROW("filter-src-port", "PORT", "packets from this TCP, UDP or SCTP port", opt_ports, at,        \
			   sport),                                                                                     \
		FILTER_ROW("filter-dst-port", "PORT", "packets to this port", opt_ports, at, dport),                   \
		FILTER_ROW("filter-port", "PORT", "packets from or to this port", opt_ports, at, port),                \
		OPT_ROW("filter-proto", "PROTO", "packets of this IP protocol, by name or number", opt_proto,          \
			(at) + offsetof(struct event_match, l4))
/* given several times, a packet passes that any of the values lets pass */
#define FILTER_ROW(name, arg, help, set, at, field)                                                                    \
	OPT_REPEATED_ROW(name, arg, help, set, (at) + offsetof(struct event_match, field))

#define SURROUNDINGS_OPTION_ROWS(at)                                                                                   \
	OPT_ROW("filter-netns", "NETNS", "packets in this namespace: its name, path or inode:N", opt_match_netns, at), \
		OPT_REPEATED_ROW("filter-ifname", "NAME", "packets on a device of this name", opt_match_ifname, at),   \
		OPT_ROW("filter-mark", "MARK[/MASK]", "packets with this mark", opt_match_mark, at),                   \
		OPT_ROW("filter-pid", "PID", "packets while this process runs", opt_match_pid, at),                    \
		OPT_ROW("filter-comm", "NAME", "packets while a process of this name runs", opt_match_comm, at)
