/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "event/lost_events.h"

Test(ledger, losses_of_all_places_count)
{
	struct lost_events l = {.lost_ring = 1, .lost_recursion = 20, .lost_kprobe = 300, .lost_map = 4000};

	cr_expect_eq(ledger_lost(&l), 4321);
	l.lost_map = UINT64_MAX;
	cr_expect_eq(ledger_lost(&l), UINT64_MAX);
}

Test(ledger, proof_needs_both_no_loss_and_a_kernel_that_counts)
{
	struct lost_events l = {.events = 1602};

	cr_expect_not(lost_events_proves_no_loss(&l));
	l.provable = true;
	cr_expect(lost_events_proves_no_loss(&l));
	l.lost_recursion = 1;
	cr_expect_not(lost_events_proves_no_loss(&l));
}

Test(lost_events_sum, adds_counts_and_keeps_what_all_share)
{
	const struct lost_events sure = {
		.events = 7, .provable = true, .attached = 2, .backend = "kprobe", .duration_ns = 5};
	const struct lost_events unsure = {.events = 3,
					   .lost_map = UINT64_MAX,
					   .unprovable_why = "it is old",
					   .attached = 1499,
					   .backend = "kprobe",
					   .duration_ns = 4000000000};
	struct lost_events_sum sum = {0};

	lost_events_sum_add(&sum, &sure);
	cr_expect(sum.n == 1 && sum.total.provable && sum.total.events == 7);
	lost_events_sum_add(&sum, &unsure);
	cr_expect_eq(sum.n, 2);
	cr_expect_eq(sum.total.events, 10);
	cr_expect_eq(sum.total.lost_map, UINT64_MAX);
	cr_expect_eq(sum.total.attached, 1501);
	cr_expect_eq(sum.total.duration_ns, 4000000005);
	cr_expect_str_eq(sum.total.backend, "kprobe");
	cr_expect(!sum.total.provable);
	cr_expect_str_eq(sum.total.unprovable_why, "it is old");
	lost_events_sum_add(&sum, &(struct lost_events){.lost_map = 1, .backend = "kprobe.multi"});
	cr_expect_eq(sum.total.lost_map, UINT64_MAX);
	cr_expect_null(sum.total.backend);
}
