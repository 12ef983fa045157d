/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a capture was running, read off its packets' times. Each interface of a pcapng file, and so each section, is a
 * run of its own: one file may be made of several. A step back in time begins a new window, since files may have been
 * put together out of order; where packets of several CPUs are only a little out of order, the windows overlap and
 * become one again. Two pcap files put together in order cannot be told from one.
 */
#pragma once

#include "check/captures.h"

struct run_window {
	uint32_t run;
	struct capture_window window;
};

struct run_windows {
	struct run_window *v; /* owned */
	size_t n;
	size_t *newest; /* owned; by run: the number of its newest window, from 1; 0: it has none */
	size_t n_runs;
};

/* Adds the time of a packet, in the file's order. Runs are numbered from 0. 0 or -ENOMEM. */
int windows_add(struct run_windows *w, uint32_t run, uint64_t ts_ns);
/* The windows of all runs for which the function returns true, in order of time and without overlap. The caller frees
 * *ret. 0 or -ENOMEM. */
int windows_join(const struct run_windows *w, bool (*wanted)(const void *ctx, uint32_t run), const void *ctx,
		 struct capture_window **ret, size_t *ret_n);
void windows_free(struct run_windows *w);
