/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of commands that show events: what of an event, in which form, where to, and for how long. */
#pragma once

#include "cli/options.h"
#include "render/event/event_text.h"

struct output_options {
	bool caller, stack, tcp_flags, meta, mac, tunnel, conntrack, route, netfilter, skb, shinfo, cb;
	bool drops, sort, group;
	uint64_t limit_lines, stop_after; /* 0: unlimited */
	const char *file;		  /* NULL: standard output */
	uint64_t file_bytes;		  /* 0: unlimited */
};

/* Rows of an option table, by their group; at is the offset of the struct output_options. */
#define OUTPUT_EVENT_ROWS(at)                                                                                          \
	OUTPUT_ROW("output-caller", "column CALLER: the function that called FUNC", at, caller),                       \
		OUTPUT_ROW("output-stack", "the kernel's stack below each event", at, stack),                          \
		OUTPUT_ROW("output-tcp-flags", "column TCPFLAGS", at, tcp_flags),                                      \
		OUTPUT_ROW("output-meta", "columns MARK, PROTO and MTU", at, meta),                                    \
		OUTPUT_ROW("output-mac", "columns MAC and VLAN: the Ethernet header and its tags", at, mac),           \
		OUTPUT_ROW("output-tunnel", "column TUNNEL: the packet within VXLAN, Geneve, GRE or IPIP", at,         \
			   tunnel),                                                                                    \
		OUTPUT_ROW("output-conntrack", "column CONNTRACK: state, and the tuples of both directions", at,       \
			   conntrack),                                                                                 \
		OUTPUT_ROW("output-route", "column ROUTE: what routing decided", at, route),                           \
		OUTPUT_ROW("output-netfilter", "column NETFILTER: hook, table, chain and verdict", at, netfilter),     \
		OUTPUT_ROW("output-skb", "struct sk_buff below each event, member by member", at, skb),                \
		OUTPUT_ROW("output-skb-shared-info", "struct skb_shared_info below each event", at, shinfo),           \
		OUTPUT_ROW("output-skb-cb", "column CB: skb->cb", at, cb)
#define OUTPUT_FORM_ROWS(at)                                                                                           \
	OUTPUT_ROW("drops", "only packets that die, each with the path that led there", at, drops),                    \
		OUTPUT_ROW("sort", "at the end, by packet and then by time", at, sort),                                \
		OUTPUT_ROW("group", "one block per packet", at, group)
#define OUTPUT_FILE_ROWS(at)                                                                                           \
	OUTPUT_VALUE("output-file", "FILE", "write to FILE instead of standard output", opt_string, at, file),         \
		OUTPUT_VALUE("output-file-size", "BYTES",                                                              \
			     "begin it anew at that size; FILE.1 to FILE.9 keep the older ones", opt_bytes, at,        \
			     file_bytes)
#define OUTPUT_END_ROWS(at)                                                                                            \
	OUTPUT_VALUE("stop-after", "N", "end after N packets, or with --drops N drops", opt_count, at, stop_after),    \
		OUTPUT_VALUE("output-limit-lines", "N", "end after N events are shown", opt_count, at, limit_lines)
#define OUTPUT_ROW(name, help, at, field) OUTPUT_VALUE(name, NULL, help, opt_flag, at, field)
#define OUTPUT_VALUE(name, arg, help, set, at, field)                                                                  \
	OPT_ROW(name, arg, help, set, (at) + offsetof(struct output_options, field))

/* Setter for opt.set: uint64_t, at least 1. */
int opt_count(void *dst, const char *value, struct reason *reason);
/* 0, or -EINVAL with a reason if the options exclude each other. */
int output_options_check(const struct output_options *o, struct reason *reason);

/* Adds the options' columns, unless the user chose the columns, and the blocks below a line. */
void output_options_format(const struct output_options *o, bool chosen, struct text_format *f);
/* The parts that events must have for these options and columns: PART_BIT()s of event/parts.h. */
uint32_t output_options_parts(const struct output_options *o, const struct columns *shown);
/* Whether these columns show neither mark nor MTU, which take a helper call for each event on older kernels. */
bool output_options_without_mark_mtu(const struct columns *shown);
