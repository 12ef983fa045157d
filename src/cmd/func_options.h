/* SPDX-License-Identifier: GPL-2.0-only */
/* Options that say which functions, for the commands that select some. */
#pragma once

#include "cmd/cmd.h"
#include "cmd/probe_env.h"

struct func_options {
	const char *kmods; /* NULL: all modules */
	bool all_kmods;
	struct probe_specs probes;
	bool helpers; /* those that BPF programs call */
};

/* Setters for opt.set: const char * of func_options.kmods, twice struct probe_specs, and a number that is not kept. */
int opt_kmods(void *dst, const char *value, struct reason *reason);
int opt_probe(void *dst, const char *value, struct reason *reason);
int opt_non_skb_funcs(void *dst, const char *value, struct reason *reason);
int opt_kprobe_batch(void *dst, const char *value, struct reason *reason);

#define FUNC_OPTION_ROWS(base)                                                                                         \
	{"kmods",   0,                                                                                                 \
	 "LIST",    "of modules, probe only those named, separated by commas",                                         \
	 opt_kmods, (base) + offsetof(struct func_options, kmods)},                                                    \
		{"all-kmods", 0,                                                                                       \
		 NULL,	      "probe all modules; this is the default",                                                \
		 opt_flag,    (base) + offsetof(struct func_options, all_kmods)},                                      \
		{"filter-non-skb-funcs",                                                                               \
		 0,                                                                                                    \
		 "LIST",                                                                                               \
		 "also functions without a packet, where they work for one",                                           \
		 opt_non_skb_funcs,                                                                                    \
		 (base) + offsetof(struct func_options, probes)},                                                      \
		{"filter-track-bpf-helpers",                                                                           \
		 0,                                                                                                    \
		 NULL,                                                                                                 \
		 "also the helpers that BPF programs call, likewise",                                                  \
		 opt_flag,                                                                                             \
		 (base) + offsetof(struct func_options, helpers)},                                                     \
	{                                                                                                              \
		"probe", 0, "FUNC:ARG", "also probe FUNC, whose argument number ARG is the packet; can be repeated",   \
			opt_probe, (base) + offsetof(struct func_options, probes)                                      \
	}

/* Functions without a packet among their arguments are probed. */
bool func_options_without_packet(const struct func_options *o);
/* Into what selection takes; *o must outlive it. -EINVAL with a reason if the options contradict each other. */
int func_options_apply(const struct func_options *o, struct probe_env_opts *ret, struct reason *reason);
