/* SPDX-License-Identifier: GPL-2.0-only */
/* Pairs the packets of two recordings. */
#include <errno.h>
#include <stdlib.h>

#include "path/packet_diff.h"

/* A packet's rank in its recording: the kth packet of a direction of the nth flow of a protocol. */
struct rank {
	unsigned l4;
	uint64_t flow; /* number of the flow; after rank_flows() its rank among the flows of the protocol */
	bool reverse;
	uint64_t k;
	size_t index;
};

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int rank_compare(const void *x, const void *y)
{
	const struct rank *a = x, *b = y;
	int r = compare(a->l4, b->l4);

	if (r == 0)
		r = compare(a->flow, b->flow);
	if (r == 0)
		r = compare(a->reverse, b->reverse);
	return r ? r : compare(a->k, b->k);
}

/* The ranks must be sorted by l4, flow, reverse and order; k still is the index. */
static void rank_flows(struct rank *ranks, size_t n)
{
	uint64_t flow_rank = 0, k = 0;

	for (size_t i = 0, flow = 0; i < n; i++) {
		bool same_l4 = i && ranks[i].l4 == ranks[i - 1].l4;
		bool same_flow = same_l4 && ranks[i].flow == flow;

		if (!same_flow) {
			flow_rank = same_l4 ? flow_rank + 1 : 0;
			flow = ranks[i].flow;
		}
		k = same_flow && ranks[i].reverse == ranks[i - 1].reverse ? k + 1 : 0;
		ranks[i].flow = flow_rank;
		ranks[i].k = k;
	}
}

static struct rank *make_ranks(const struct packet_list *list)
{
	struct rank *ranks = calloc(list->n + 1, sizeof(*ranks));

	if (!ranks)
		return NULL;
	for (size_t i = 0; i < list->n; i++) {
		const struct packet *p = &list->items[i];

		ranks[i] = (struct rank){p->tuple.has_l4 ? p->tuple.l4 : 256u, p->flow, p->reverse, i, i};
	}
	qsort(ranks, list->n, sizeof(*ranks), rank_compare);
	rank_flows(ranks, list->n);
	return ranks;
}

static int pair_compare(const void *x, const void *y)
{
	const struct diff_pair *a = x, *b = y;
	int r = compare(a->a, b->a);

	return r ? r : compare(a->b, b->b);
}

int diff_pairs(const struct packet_list *a, const struct packet_list *b, struct diff_pair **ret, size_t *ret_n)
{
	_cleanup_free_ struct rank *as = make_ranks(a), *bs = make_ranks(b);
	struct diff_pair *pairs = calloc(a->n + b->n + 1, sizeof(*pairs));
	size_t n = 0;

	if (!as || !bs || !pairs) {
		free(pairs);
		return -ENOMEM;
	}
	for (size_t i = 0, j = 0; i < a->n || j < b->n; n++) {
		int order = i == a->n ? 1 : j == b->n ? -1 : rank_compare(&as[i], &bs[j]);

		pairs[n].a = order <= 0 ? as[i++].index : SIZE_MAX;
		pairs[n].b = order >= 0 ? bs[j++].index : SIZE_MAX;
	}
	qsort(pairs, n, sizeof(*pairs), pair_compare);
	*ret = pairs;
	*ret_n = n;
	return 0;
}
