/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "live/cpu_budget.h"

#define S UINT64_C(1000000000)

Test(budget, none_is_never_exceeded)
{
	struct budget b = {.n_cpus = 1};
	uint64_t share = 77;

	cr_expect_not(budget_exceeded(&b, 1 * S, 0, &share));
	cr_expect_not(budget_exceeded(&b, 9 * S, 8 * S, &share));
	cr_expect_eq(share, 77);
}

Test(budget, judges_full_windows_by_the_share_of_all_cpus)
{
	static const struct {
		unsigned n_cpus;
		uint64_t permille, wall_ns, run_ns, share; /* 0: within the budget */
	} cases[] = {
		{1, 50, S, S / 20, 0},					/* exactly the budget */
		{1, 50, S, S / 10, 100},	 {2, 50, S, S / 10, 0}, /* half of it each */
		{2, 50, S, S / 5, 100},		 {4, 1000, S, 4 * S, 0},
		{1, 50, S - 1, S / 2, 0},  /* the window is not over */
		{1, 50, 3 * S, S / 10, 0}, /* a late look judges all of it */
		{1, 50, 3 * S, 3 * S / 10, 100}, {1024, 10, UINT64_C(8640000) * S, UINT64_C(1024) * 8640000 * S, 1000},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct budget b = {.permille = cases[i].permille, .n_cpus = cases[i].n_cpus};
		uint64_t share = 0;

		cr_expect_not(budget_exceeded(&b, 5 * S, 7 * S, &share), "%zu: the first look only begins", i);
		cr_expect_eq(budget_exceeded(&b, 5 * S + cases[i].wall_ns, 7 * S + cases[i].run_ns, &share),
			     cases[i].share != 0, "%zu", i);
		cr_expect_eq(share, cases[i].share, "%zu: %lu", i, share);
	}
}

Test(budget, each_window_stands_alone)
{
	struct budget b = {.permille = 100, .n_cpus = 1};
	uint64_t share = 0;

	budget_exceeded(&b, 0, 0, &share);
	cr_expect_not(budget_exceeded(&b, S, 0, &share));
	cr_expect_not(budget_exceeded(&b, 2 * S, S / 10, &share));
	cr_expect(budget_exceeded(&b, 3 * S, S / 2, &share));
	cr_expect_eq(share, 400);
}
