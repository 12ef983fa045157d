/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/cpu_budget.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

bool budget_exceeded(struct budget *b, uint64_t now_ns, uint64_t run_ns, uint64_t *ret_permille)
{
	uint64_t wall_ns = now_ns - b->since_ns, ran_ns = run_ns - b->run_ns, share;
	bool started = b->started;

	if (!b->permille || (started && wall_ns < BUDGET_WINDOW_NS))
		return false;
	b->started = true;
	b->since_ns = now_ns;
	b->run_ns = run_ns;
	if (!started)
		return false;
	/* in microseconds, so that a hundred days of a thousand CPUs do not overflow */
	share = ran_ns / 1000 * 1000 / (wall_ns / 1000 * b->n_cpus);
	if (share <= b->permille)
		return false;
	*ret_permille = share;
	return true;
}

int budget_look(struct budget *b, const struct session *s)
{
	uint64_t run_ns, permille;
	int r;

	if (!b->permille)
		return 0;
	r = session_run_time(s, &run_ns);
	if (r < 0 || !budget_exceeded(b, clock_monotonic_ns(), run_ns, &permille))
		return r;
	fprintf(stderr,
		"skbtrail: ended by --budget: the programs took %" PRIu64 ".%" PRIu64
		" %% of the CPU time; filter closer, "
		"probe fewer functions (--filter-func), or --sample\n",
		permille / 10, permille % 10);
	b->spent = true;
	return 0;
}
