/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the paths of two packets, or of two flows' packets, differ. Addresses, times, CPUs, and numbers and names of
 * namespaces and interfaces always differ, and do not count. Steps are compared by function (without the compiler's
 * suffix), by which device and namespace of its path the packet is on (the first, the second, …), and by the reason of
 * a drop.
 */
#pragma once

#include "path/packet_list.h"

/* What a difference is, the most important first. */
enum diff_kind {
	DIFF_WAY,	/* another device, namespace or mechanism */
	DIFF_STEPS,	/* other functions */
	DIFF_NEIGHBOUR, /* the next hop's address was known on one side only: noise, as it depends on the moment */
	DIFF_KIND_MAX,
};
/* For JSON: "way", "steps", "neighbour". */
const char *diff_kind_name(enum diff_kind kind);

/* Steps [a, a + a_count) of one path are [b, b + b_count) of the other. One of the counts may be 0. */
struct diff_hunk {
	size_t a, a_count, b, b_count;
	enum diff_kind kind; /* set by diff_packets() */
};

struct diff {
	struct diff_hunk *hunks; /* owned; none if the paths are the same */
	size_t n_hunks;
	size_t same; /* number of steps that both paths have */
};

/* Aligns two sequences of keys: equal numbers are equal steps. Takes time in proportion to length times differences.
 * Above a number of differences the sequences are aligned in windows, and the result may not be the shortest one. 0,
 * -EINVAL (longer than INT32_MAX) or -ENOMEM; *ret is left alone on failure. */
int diff_keys(const uint32_t *a, size_t n, const uint32_t *b, size_t m, struct diff *ret);
/* Aligns the steps of two analysed packets. 0 or -ENOMEM; *ret is left alone on failure. */
int diff_packets(const struct packet *a, const struct packet *b, struct diff *ret);
void diff_free(struct diff *d);
/* Whether the packets go the same way: there is no difference, or nothing but noise. */
bool diff_is_same(const struct diff *d);

/* A packet of one list, and its counterpart in the other. */
struct diff_pair {
	size_t a, b; /* numbers in the lists; SIZE_MAX: no counterpart */
};
/* Pairs packets: the nth flow of each protocol with the nth, and in it the kth packet of each direction with the
 * kth. *ret, with *ret_n pairs, is the caller's. Pairs are in the order of a; packets that only b has are last. 0 or
 * -ENOMEM. */
int diff_pairs(const struct packet_list *a, const struct packet_list *b, struct diff_pair **ret, size_t *ret_n);
