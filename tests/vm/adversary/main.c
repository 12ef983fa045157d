// SPDX-License-Identifier: GPL-2.0-only
/*
 * adversary: builds random ways between two pods, and holds the verdicts of skbtrail against the truth.
 *
 *   adversary [--honest|--single] [--source live|recording|captures] [--verbose] [--skbtrail FILE] SEED...   these ways
 *   adversary [...] --from SEED COUNT                              SEED, SEED + 1...
 *   adversary --describe SEED...                                   says what they are; builds nothing
 *
 * Runs as root in a guest, in the checkout's directory. The last lines are the sums, and each contradiction with its
 * seed. Exit status: 0 none; 1 a contradiction, or too little was seen; 2 usage or it cannot be set up.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "adversary.h"

#define TEXT_BYTES    2048
#define FOUND_MAX     200
#define UNDECIDED_MAX 20 /* percent of the honest ways */

struct options {
	struct wish wish;
	bool verbose, describe;
	const char *skbtrail;
	uint64_t from, count;
};

struct sums {
	unsigned ways, verdicts[VERDICTS], honest, undecided, contradictions, voids, silent, failed;
	uint64_t found[FOUND_MAX];
};

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void describe(uint64_t seed, const struct wish *wish)
{
	char text[TEXT_BYTES];
	struct way w;

	way_of_seed(seed, wish, &w);
	way_describe(&w, text, sizeof(text));
	printf("seed %llu: %s\n", (unsigned long long)seed, text);
}

static void report(const struct way *w, const struct outcome *o, double took)
{
	char way[TEXT_BYTES], truth[TEXT_BYTES];

	way_describe(w, way, sizeof(way));
	truth_describe(&o->truth, truth, sizeof(truth));
	printf("%s seed %llu (%.1f s)\n  way: %s\n  said: %s of %d and %d packets (%s)\n  true: %s%s%s\n",
	       o->contradiction	 ? "CONTRADICTION"
	       : o->void_witness ? "void"
	       : o->undecided	 ? "undecided"
				 : "ok",
	       (unsigned long long)w->seed, took, way, verdict_word(o->verdict), o->packets[0], o->packets[1],
	       o->reasons, truth, o->why ? " " : "", o->contradiction ? o->why : "");
	fflush(stdout);
}

static void run(struct setup *s, const struct options *o, const char *dir, uint64_t seed, struct sums *sums)
{
	double began = seconds();
	struct outcome out;
	struct way w;

	way_of_seed(seed, &o->wish, &w);
	if (judge_way(s, &w, o->skbtrail, dir, &out)) {
		fprintf(stderr, "adversary: seed %llu could not be built\n", (unsigned long long)seed);
		sums->failed++;
		return;
	}
	sums->ways++;
	sums->verdicts[out.verdict]++;
	sums->honest += w.honest;
	sums->undecided += out.undecided;
	sums->voids += out.void_witness;
	sums->silent += out.no_traffic;
	if (out.contradiction && sums->contradictions < FOUND_MAX)
		sums->found[sums->contradictions] = seed;
	sums->contradictions += out.contradiction;
	if (o->verbose || out.contradiction || out.undecided)
		report(&w, &out, seconds() - began);
}

/* A run that saw nothing proves nothing. */
static bool is_enough(const struct sums *s)
{
	if (!s->ways || s->silent == s->ways || s->failed > s->ways / 10 || s->voids > s->ways / 10 ||
	    s->verdicts[VERDICT_NONE] > s->ways / 10) {
		printf("too little was seen\n");
		return false;
	}
	if (s->undecided * 100 > s->honest * UNDECIDED_MAX) {
		printf("too many honest ways without a verdict\n");
		return false;
	}
	return true;
}

static int sum_up(const struct sums *s, double took)
{
	struct utsname u;
	bool enough;

	uname(&u);
	printf("kernel %s: %u ways in %.0f s: %u PASS, %u FAIL, %u INCONCLUSIVE, %u without a verdict\n", u.release,
	       s->ways, took, s->verdicts[VERDICT_PASS], s->verdicts[VERDICT_FAIL], s->verdicts[VERDICT_INCONCLUSIVE],
	       s->verdicts[VERDICT_NONE]);
	printf("%u honest, of which %u undecided; %u not built, %u void, %u without packets\n", s->honest, s->undecided,
	       s->failed, s->voids, s->silent);
	enough = is_enough(s);
	printf("%u contradictions%s", s->contradictions, s->contradictions ? ", seeds" : "");
	for (unsigned i = 0; i < s->contradictions && i < FOUND_MAX; i++)
		printf(" %llu", (unsigned long long)s->found[i]);
	printf("\n");
	return s->contradictions || !enough;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: adversary [--honest|--single] [--source live|recording|captures] [--verbose] [--describe] "
		"[--skbtrail FILE] SEED...|--from SEED COUNT\n");
	return 2;
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{"honest", no_argument, NULL, 'h'},	    {"single", no_argument, NULL, '1'},
		{"source", required_argument, NULL, 'e'},   {"verbose", no_argument, NULL, 'v'},
		{"describe", no_argument, NULL, 'd'},	    {"from", required_argument, NULL, 'f'},
		{"skbtrail", required_argument, NULL, 's'}, {0}};
	bool from = false;
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'h':
			o->wish.honest = true;
			break;
		case '1':
			o->wish.single = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'd':
			o->describe = true;
			break;
		case 'f':
			from = true;
			o->from = strtoull(optarg, NULL, 10);
			break;
		case 'e':
			o->wish.has_source = true;
			if (source_parse(optarg, &o->wish.source))
				return -1;
			break;
		case 's':
			o->skbtrail = optarg;
			break;
		default:
			return -1;
		}
	}
	if (optind == argc || (from && optind + 1 != argc))
		return -1;
	o->count = from ? strtoull(argv[optind], NULL, 10) : 0;
	return from && !o->count ? -1 : 0;
}

static uint64_t nth_seed(const struct options *o, char **args, uint64_t i)
{
	return o->count ? o->from + i : strtoull(args[i], NULL, 10);
}

int main(int argc, char **argv)
{
	struct options o = {.skbtrail = "build/skbtrail"};
	char dir[] = "/tmp/adversary.XXXXXX";
	struct sums sums = {0};
	double began = seconds();
	struct setup s;
	uint64_t n;

	if (parse(argc, argv, &o))
		return usage();
	n = o.count ? o.count : (uint64_t)(argc - optind);
	for (uint64_t i = 0; o.describe && i < n; i++)
		describe(nth_seed(&o, argv + optind, i), &o.wish);
	if (o.describe)
		return 0;
	if (!mkdtemp(dir) || setup_open(&s))
		return 2;
	printf("set up in %.1f s\n", seconds() - began);
	for (uint64_t i = 0; i < n; i++)
		run(&s, &o, dir, nth_seed(&o, argv + optind, i), &sums);
	setup_close(&s);
	return sum_up(&sums, seconds() - began);
}
