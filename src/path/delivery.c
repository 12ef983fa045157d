/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/delivery.h"

#include <errno.h>
#include <stdlib.h>

#include "path/stages.h"

#define PACKETS 4096u /* numbers are given in order, so this is how far back is remembered */
#define FUNCS	256u

struct taken {
	uint64_t pkt, skb; /* 0: none */
};

struct known_func {
	const char *name; /* by address: names are a trace's own */
	bool queues;
};

struct deliveries {
	struct stages *stages;
	struct taken taken[PACKETS];
	struct known_func funcs[FUNCS];
};

int deliveries_new(struct deliveries **ret)
{
	_cleanup_(deliveries_freep) struct deliveries *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	r = stages_new(&d->stages);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(d);
	return 0;
}

void deliveries_free(struct deliveries *d)
{
	if (!d)
		return;
	stages_free(d->stages);
	free(d);
}

static bool queues(struct deliveries *d, const char *func)
{
	struct known_func *f = &d->funcs[((uintptr_t)func * UINT64_C(0x9e3779b97f4a7c15)) >> 56];

	if (f->name != func)
		*f = (struct known_func){.name = func, .queues = stages_find(d->stages, func) == STAGE_SOCKET_QUEUE};
	return f->queues;
}

bool deliveries_note(struct deliveries *d, const struct event *ev)
{
	struct taken *t = &d->taken[ev->pkt % PACKETS];

	if (!ev->pkt)
		return false;
	if (ev->source != ST_SRC_KFREE) {
		if (ev->func && queues(d, ev->func))
			*t = (struct taken){.pkt = ev->pkt, .skb = ev->skb};
		return false;
	}
	if (t->pkt != ev->pkt)
		return false;
	if (t->skb == ev->skb) {
		t->pkt = 0;
		return false;
	}
	return true;
}
