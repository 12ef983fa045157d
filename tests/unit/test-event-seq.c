/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "base/cleanup.h"
#include "event/seq.h"

#define _cleanup_seq_ _cleanup_(seq_free)

Test(seq, numbers_in_order_lose_nothing)
{
	_cleanup_seq_ struct seq_track t;

	cr_assert_eq(seq_init(&t, 2, 3), 0);
	for (uint64_t i = 0; i < 5; i++) {
		for (uint32_t source = 0; source < 2; source++) {
			for (uint32_t cpu = 0; cpu < 3; cpu++)
				seq_note(&t, source, cpu, i);
		}
	}
	cr_expect_eq(t.gaps, 0);
	cr_expect_eq(t.disorder, 0);
}

Test(seq, a_gap_is_a_loss_of_its_size)
{
	_cleanup_seq_ struct seq_track t;

	cr_assert_eq(seq_init(&t, 1, 1), 0);
	seq_note(&t, 0, 0, 3); /* the first three never came */
	cr_expect_eq(t.gaps, 3);
	seq_note(&t, 0, 0, 4);
	cr_expect_eq(t.gaps, 3);
	seq_note(&t, 0, 0, 6);
	cr_expect_eq(t.gaps, 4);
	seq_note(&t, 0, 0, UINT64_MAX - 1);
	cr_expect_eq(t.gaps, 4 + UINT64_MAX - 1 - 7);
	cr_expect_eq(t.disorder, 0);
}

/* Each source on each CPU counts for itself: one's number fills no other's gap. */
Test(seq, sources_and_cpus_are_apart)
{
	_cleanup_seq_ struct seq_track t;

	cr_assert_eq(seq_init(&t, 2, 2), 0);
	seq_note(&t, 0, 0, 0);
	seq_note(&t, 0, 1, 1);
	cr_expect_eq(t.gaps, 1);
	seq_note(&t, 1, 0, 1);
	cr_expect_eq(t.gaps, 2);
	seq_note(&t, 1, 1, 1);
	cr_expect_eq(t.gaps, 3);
	seq_note(&t, 0, 0, 1);
	cr_expect_eq(t.gaps, 3);
	cr_expect_eq(t.disorder, 0);
}

Test(seq, a_number_that_comes_again_is_disorder_and_no_gap)
{
	_cleanup_seq_ struct seq_track t;

	cr_assert_eq(seq_init(&t, 1, 1), 0);
	seq_note(&t, 0, 0, 0);
	seq_note(&t, 0, 0, 0);
	seq_note(&t, 0, 0, 5);
	seq_note(&t, 0, 0, 2);
	cr_expect_eq(t.disorder, 2);
	cr_expect_eq(t.gaps, 4);
	seq_note(&t, 0, 0, 6);
	cr_expect_eq(t.gaps, 4, "what is expected did not move back");
}

Test(seq, beyond_the_table_is_disorder)
{
	_cleanup_seq_ struct seq_track t;

	cr_assert_eq(seq_init(&t, 2, 3), 0);
	seq_note(&t, 2, 0, 0);
	seq_note(&t, 0, 3, 0);
	seq_note(&t, UINT32_MAX, UINT32_MAX, 0);
	cr_expect_eq(t.disorder, 3);
	cr_expect_eq(t.gaps, 0);
	seq_note(&t, 1, 2, 0); /* the last place of all */
	cr_expect_eq(t.disorder, 3);
}

/* No record comes after the last: only the kernel's own count tells of a loss there. */
Test(seq, the_tail_is_what_was_numbered_and_never_came)
{
	_cleanup_seq_ struct seq_track t;

	cr_assert_eq(seq_init(&t, 2, 2), 0);
	cr_expect_eq(seq_tail(&t, 1, 1, 0), 0);
	cr_expect_eq(seq_tail(&t, 1, 1, 7), 7, "not one came");
	seq_note(&t, 1, 1, 0);
	seq_note(&t, 1, 1, 1);
	cr_expect_eq(seq_tail(&t, 1, 1, 2), 0);
	cr_expect_eq(seq_tail(&t, 1, 1, 5), 3);
	cr_expect_eq(seq_tail(&t, 1, 1, 1), 0, "more came than were numbered");
	cr_expect_eq(seq_tail(&t, 1, 0, 5), 5);
	cr_expect_eq(seq_tail(&t, 0, 1, 5), 5);
	cr_expect_eq(seq_tail(&t, 2, 0, 4), 4);
	cr_expect_eq(seq_tail(&t, 0, 2, 4), 4);
}

Test(seq, may_be_freed_twice)
{
	struct seq_track t;

	cr_assert_eq(seq_init(&t, 1, 1), 0);
	seq_free(&t);
	seq_free(&t);
	seq_note(&t, 0, 0, 0);
	cr_expect_eq(t.disorder, 1, "an empty table holds nothing");
}
