/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "event/ledger.h"

Test(ledger, losses_of_all_places_count)
{
	struct ledger l = {.lost_ring = 1, .lost_recursion = 20, .lost_kprobe = 300, .lost_map = 4000};

	cr_expect_eq(ledger_lost(&l), 4321);
	l.lost_map = UINT64_MAX;
	cr_expect_eq(ledger_lost(&l), UINT64_MAX);
}

Test(ledger, proof_needs_both_no_loss_and_a_kernel_that_counts)
{
	struct ledger l = {.events = 1602};

	cr_expect_not(ledger_proves_no_loss(&l));
	l.provable = true;
	cr_expect(ledger_proves_no_loss(&l));
	l.lost_recursion = 1;
	cr_expect_not(ledger_proves_no_loss(&l));
}
