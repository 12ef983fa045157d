/* SPDX-License-Identifier: GPL-2.0-only */
/* Options that say which functions, for the commands that select some. */
#pragma once

#include "cmd/cmd.h"
#include "cmd/probe_env.h"

struct func_options {
	const char *kmods; /* NULL: all modules */
	bool all_kmods;
	struct probe_specs probes;
};

/* Setters for opt.set: const char * of func_options.kmods, struct probe_specs, and a number that is not kept. */
int opt_kmods(void *dst, const char *value, struct reason *reason);
int opt_probe(void *dst, const char *value, struct reason *reason);
int opt_kprobe_batch(void *dst, const char *value, struct reason *reason);

#define FUNC_OPTION_ROWS(base)                                                                                         \
	{"kmods",   0,                                                                                                 \
	 "LIST",    "of modules, probe only those named, separated by commas",                                         \
	 opt_kmods, (base) + offsetof(struct func_options, kmods)},                                                    \
		{"all-kmods", 0,                                                                                       \
		 NULL,	      "probe all modules; this is the default",                                                \
		 opt_flag,    (base) + offsetof(struct func_options, all_kmods)},                                      \
	{                                                                                                              \
		"probe", 0, "FUNC:ARG", "also probe FUNC, whose argument number ARG is the packet; can be repeated",   \
			opt_probe, (base) + offsetof(struct func_options, probes)                                      \
	}

/* Into what selection takes; *o must outlive it. -EINVAL with a reason if the options contradict each other. */
int func_options_apply(const struct func_options *o, struct probe_env_opts *ret, struct reason *reason);
