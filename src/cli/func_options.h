/* SPDX-License-Identifier: GPL-2.0-only */
/* The options that select functions to probe. */
#pragma once

#include "cli/options.h"
#include "select/probe_spec.h"

struct func_options {
	const char *kmods; /* NULL: all modules */
	bool all_kmods;
	struct probe_specs probes;
	bool helpers; /* also probe the helpers that BPF programs call */
};

/* Setter for opt.set: const char *, a regular expression for select_opts.filter_func, borrowed from argv. */
int opt_filter_func(void *dst, const char *value, struct reason *reason);
/* As opt_filter_func(), and -EINVAL if the expression is the name of a function that is never probed: select/deny.h. */
int opt_probed_func(void *dst, const char *value, struct reason *reason);
/* Setters for opt.set: const char * (func_options.kmods), struct probe_specs (two of them), and a number that is not
 * kept. */
int opt_kmods(void *dst, const char *value, struct reason *reason);
int opt_probe(void *dst, const char *value, struct reason *reason);
int opt_non_skb_funcs(void *dst, const char *value, struct reason *reason);
int opt_kprobe_batch(void *dst, const char *value, struct reason *reason);

/* Rows of an option table; at is the offset of the struct func_options. */
#define FUNC_OPTION_ROWS(at)                                                                                           \
	FUNC_ROW("kmods", "LIST", "of modules, probe only those named, separated by commas", opt_kmods, at, kmods),    \
		FUNC_ROW("all-kmods", NULL, "probe all modules; this is the default", opt_flag, at, all_kmods),        \
		OPT_REPEATED_ROW("filter-non-skb-funcs", "LIST",                                                       \
				 "also functions without a packet, where they work for one", opt_non_skb_funcs,        \
				 (at) + offsetof(struct func_options, probes)),                                        \
		FUNC_ROW("filter-track-bpf-helpers", NULL,                                                             \
			 "also the helpers that BPF programs call, where they work for a packet", opt_flag, at,        \
			 helpers),                                                                                     \
		OPT_REPEATED_ROW("probe", "FUNC:ARG",                                                                  \
				 "also probe FUNC, whose argument number ARG is the packet; can be repeated",          \
				 opt_probe, (at) + offsetof(struct func_options, probes))
#define FUNC_ROW(name, arg, help, set, at, field)                                                                      \
	OPT_ROW(name, arg, help, set, (at) + offsetof(struct func_options, field))

/* Whether functions without a packet among their arguments are probed. */
bool func_options_without_packet(const struct func_options *o);
