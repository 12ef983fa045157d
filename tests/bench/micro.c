/* SPDX-License-Identifier: GPL-2.0-only */
/* Times the hot paths of user space: ./run bench --micro. CPU time, the best of several rounds, per item. */
#include "micro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define ROUNDS	 5
#define ROUND_NS 200000000ull

void must(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "micro: %s: %s\n", what, strerror(-r));
	exit(1);
}

static double round_ns(const struct bench *b)
{
	uint64_t from = clock_ns_(CLOCK_PROCESS_CPUTIME_ID), took, steps = 0;

	do {
		b->step();
		steps++;
		took = clock_ns_(CLOCK_PROCESS_CPUTIME_ID) - from;
	} while (took < ROUND_NS);
	return (double)took / steps / b->n_items;
}

static void measure(const struct bench *b)
{
	double best = round_ns(b); /* the first also warms the caches */

	for (int i = 0; i < ROUNDS; i++) {
		double ns = round_ns(b);

		best = ns < best ? ns : best;
	}
	printf("%-34s %12.1f ns per %s\n", b->name, best, b->item);
	fflush(stdout);
}

int main(void)
{
	for (const struct bench *b = bench_trace(); b->name; b++)
		measure(b);
	for (const struct bench *b = bench_symbols(); b->name; b++)
		measure(b);
	for (const struct bench *b = bench_diff(); b->name; b++)
		measure(b);
	return 0;
}
