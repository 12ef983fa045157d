/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the ways of two packets, or of two flows' packets, part. What differs anyway does not count: addresses, times,
 * CPUs, numbers and names of namespaces and interfaces. A step is compared by its function (without the compiler's
 * suffix), by which place on the packet's way it is (the first, the second, …), and by the reason of a drop.
 */
#pragma once

#include "path/packet.h"

/* Steps [a, a + a_count) of one way stand where the other has [b, b + b_count); one of the counts may be 0. */
struct diff_hunk {
	size_t a, a_count, b, b_count;
};

struct diff {
	struct diff_hunk *hunks; /* owned; none: the ways are the same */
	size_t n_hunks;
	size_t same; /* steps that both have */
};

/* Aligns two sequences of keys: equal numbers are equal steps. Time grows with the length times the number of
 * differences, up to a limit from which on the alignment is cut into windows: then it still is one, but maybe not the
 * shortest. -ENOMEM; *ret is left alone on failure. */
int diff_keys(const uint32_t *a, size_t n, const uint32_t *b, size_t m, struct diff *ret);
/* Two analysed packets. Likewise. */
int diff_packets(const struct packet *a, const struct packet *b, struct diff *ret);
void diff_free(struct diff *d);

/* The packets of two recordings, in the order of their numbers. */
struct packet_list {
	struct packet *items; /* owned, and what they own */
	size_t n, cap;
	size_t max;    /* 0: no limit */
	uint64_t lost; /* packets there was no room for */
};
/* Appends a copy to the list that is ctx. -ENOMEM. Fits packets_opts.on_packet. */
int packet_list_add(void *ctx, const struct packet *p);
void packet_list_clear(struct packet_list *list);

/* One packet on each side that stands for the other. */
struct diff_pair {
	size_t a, b; /* in the lists; SIZE_MAX: the other side has one more */
};
/* Pairs packets: the flows of each protocol in the order in which they began, within them the k-th packet of each
 * direction. *ret is owned by the caller, *ret_n of them, in the order of a, what only b has last. -ENOMEM. */
int diff_pairs(const struct packet_list *a, const struct packet_list *b, struct diff_pair **ret, size_t *ret_n);

/* Steps by their number of the list's packets, NULL if there is none of that number. */
const struct packet *packet_list_find(const struct packet_list *list, uint64_t pkt);
