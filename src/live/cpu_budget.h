/* SPDX-License-Identifier: GPL-2.0-only */
/* --budget: how much of the node's CPU time the programs may take. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "live/session.h"

#define BUDGET_WINDOW_NS UINT64_C(1000000000)

struct budget {
	uint64_t permille; /* of the time of all CPUs; 0: no budget */
	unsigned n_cpus;
	uint64_t since_ns, run_ns; /* the time and the run time at the start of the window */
	bool started;
	bool spent; /* set by budget_look() */
};

/* To be called repeatedly with the time (CLOCK_MONOTONIC) and how long the programs have run so far. At the end of each
 * window of BUDGET_WINDOW_NS: true if the programs used more than the budget in it, with their share in *ret_permille,
 * which is unchanged otherwise. */
bool budget_exceeded(struct budget *b, uint64_t now_ns, uint64_t run_ns, uint64_t *ret_permille);
/* Does this for a running trace. If the budget is exceeded, prints that on standard error and sets spent. 0 or -errno.
 */
int budget_look(struct budget *b, const struct session *s);
