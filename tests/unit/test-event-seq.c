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

/*
 * As many CPUs as a large node has, whose records come interleaved: each source loses its own on each CPU, at other
 * numbers and to another amount than on every other, and the last ones are among them.
 */
#define CPUS	24
#define SOURCES 2
#define LANES	(CPUS * SOURCES)
#define PASSES	500

static uint32_t source_of(uint32_t lane)
{
	return lane / CPUS;
}

static uint32_t cpu_of(uint32_t lane)
{
	return lane % CPUS;
}

/* How many the kernel numbers: a busy CPU makes more than an idle one. */
static uint64_t numbered(uint32_t lane)
{
	return PASSES - 7 * cpu_of(lane);
}

static uint64_t tail(uint32_t lane)
{
	return lane % 5;
}

/* All of the tail, and before it one of every so many. */
static bool is_lost(uint32_t lane, uint64_t n)
{
	return n >= numbered(lane) - tail(lane) || n % (cpu_of(lane) + 2) == source_of(lane);
}

/* In each pass every lane has its turn, in another order than in the last. Adds up what is lost, and what a note says
 * of it. */
static void deliver(struct seq_track *t, uint64_t *lost, uint64_t *told)
{
	for (uint64_t n = 0; n < PASSES; n++) {
		for (uint32_t i = 0; i < LANES; i++) {
			uint32_t lane = (uint32_t)((i * 29 + n) % LANES);
			uint64_t before = t->gaps;

			if (n >= numbered(lane))
				continue;
			if (is_lost(lane, n))
				lost[lane]++;
			else
				seq_note(t, source_of(lane), cpu_of(lane), n);
			told[lane] += t->gaps - before;
		}
	}
}

Test(seq, of_24_cpus_each_has_its_own_loss_and_all_add_up)
{
	uint64_t lost[LANES] = {0}, told[LANES] = {0}, all_lost = 0, tails = 0;
	_cleanup_seq_ struct seq_track t;

	cr_assert_eq(seq_init(&t, SOURCES, CPUS), 0);
	deliver(&t, lost, told);
	for (uint32_t lane = 0; lane < LANES; lane++) {
		uint64_t after = seq_tail(&t, source_of(lane), cpu_of(lane), numbered(lane));

		cr_expect_gt(lost[lane], 0, "lane %u loses some", lane);
		cr_expect_geq(after, tail(lane), "lane %u: the tail", lane);
		cr_expect_eq(told[lane] + after, lost[lane], "lane %u", lane);
		all_lost += lost[lane];
		tails += after;
	}
	cr_expect_eq(t.gaps + tails, all_lost);
	cr_expect_eq(t.disorder, 0);
	/* the first lane loses every second of 500 and no tail, the last lane every 25th of 337 and then two */
	cr_expect_eq(lost[0], 250);
	cr_expect_eq(lost[LANES - 1], 14 + 2);
}

/* After the highest number comes 0, on each CPU at another time. */
Test(seq, numbers_of_24_cpus_begin_again)
{
	_cleanup_seq_ struct seq_track t;

	cr_assert_eq(seq_init(&t, 1, CPUS), 0);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++)
		t.next[cpu] = UINT64_MAX - cpu;
	for (uint64_t n = 0; n < 2 * CPUS; n++) {
		for (uint32_t cpu = 0; cpu < CPUS; cpu++)
			seq_note(&t, 0, cpu, UINT64_MAX - cpu + n);
	}
	cr_expect_eq(t.gaps, 0);
	cr_expect_eq(t.disorder, 0);
	for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
		seq_note(&t, 0, cpu, 100 + cpu);
		cr_expect_eq(seq_tail(&t, 0, cpu, 200), 99 - cpu);
	}
	/* CPU c was to go on at 2 * CPUS - 1 - c */
	cr_expect_eq(t.gaps, CPUS * (100 - 2 * CPUS + 1) + 2 * (CPUS - 1) * CPUS / 2);
	cr_expect_eq(t.disorder, 0);
}
