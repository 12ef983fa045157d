/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/flow.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

static bool is_always_taken(const struct flow_edges *e, size_t n)
{
	return e->next == n && e->jump < n;
}

/* Where a jump from one place to another ends up; jumps in a circle end anywhere on it. */
static uint32_t end_of(const struct flow_edges *edges, size_t n, size_t from, uint32_t to)
{
	for (size_t steps = 0; steps < n; steps++) {
		const struct flow_edges *e = &edges[to];
		uint32_t on = is_always_taken(e, n) ? e->jump : e->idle ? e->next : to;

		/* what lies between only becomes less */
		if (on == to || on >= n || llabs((long long)on - (long long)from) > INT16_MAX)
			break;
		to = on;
	}
	return to;
}

struct work {
	struct flow_edges *edges;
	uint32_t *pending; /* room for all */
	size_t n, n_pending;
};

static void come_to(struct work *w, uint32_t at)
{
	if (at >= w->n || w->edges[at].reached)
		return;
	w->edges[at].reached = true;
	w->pending[w->n_pending++] = at;
}

int flow_shorten(struct flow_edges *edges, size_t n)
{
	_cleanup_free_ uint32_t *pending = calloc(n, sizeof(*pending));
	struct work w = {.edges = edges, .pending = pending, .n = n};

	if (!pending)
		return -ENOMEM;
	for (size_t at = 0; at < n; at++) {
		/* conditional jumps are left: shortened, they took 6.1's verifier half as long again */
		if (edges[at].reached && is_always_taken(&edges[at], n))
			edges[at].jump = end_of(edges, n, at, edges[at].jump);
		edges[at].reached = false;
	}
	come_to(&w, 0);
	while (w.n_pending) {
		const struct flow_edges *e = &edges[w.pending[--w.n_pending]];

		come_to(&w, e->next);
		come_to(&w, e->jump);
		come_to(&w, e->calls);
	}
	return 0;
}
