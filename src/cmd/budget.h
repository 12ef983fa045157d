/* SPDX-License-Identifier: GPL-2.0-only */
/* --budget: how much of the node's CPU time the programs may take. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kern/trace.h"

#define BUDGET_WINDOW_NS UINT64_C(1000000000)

struct budget {
	uint64_t permille; /* of all CPUs' time; 0: no budget */
	unsigned n_cpus;
	uint64_t since_ns, run_ns; /* start of the window */
	bool started;
	bool spent; /* set by budget_look() */
};

/* Told now and then the time (CLOCK_MONOTONIC) and how long the programs have run in all. Judges each full window: true
 * if its share was above the budget, with the share in *ret_permille, which is left alone otherwise. */
bool budget_exceeded(struct budget *b, uint64_t now_ns, uint64_t run_ns, uint64_t *ret_permille);
/* Does so for a running trace; once the budget is spent, says so on standard error. 0 or -errno. */
int budget_look(struct budget *b, const struct trace *t);
