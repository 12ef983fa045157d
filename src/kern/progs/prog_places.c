/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/progs/prog_places.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "event/event.h"
#include "kern/progs/progs.h"
#include "net/tc.h"

void prog_places_free(struct prog_places *p)
{
	free(p->v);
	*p = (struct prog_places){0};
}

static int add(struct prog_places *p, const struct prog_place *place)
{
	if (ARRAY_GROW(p->v, p->n) < 0)
		return -ENOMEM;
	p->v[p->n++] = *place;
	return 0;
}

static int load_namespace(const struct netns *ns, struct prog_places *p)
{
	_cleanup_(net_programs_free) struct net_programs found = {0};
	_cleanup_free_ uint32_t *ifindexes = NULL;
	size_t n = 0;
	int r = tc_load_all(ns, &found, &ifindexes, &n);

	if (r >= 0)
		r = progs_query(ns, ifindexes, n, &found);
	if (r < 0 && r != -ENOMEM && r != -ENOTRECOVERABLE)
		r = 0; /* it is gone, or closed to us; what was found of it counts */
	for (size_t i = 0; r >= 0 && i < found.n; i++) {
		const struct net_program *f = &found.v[i];

		r = add(p, &(struct prog_place){f->id, ns->inode, f->ifindex, f->attach});
	}
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct prog_place *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void sort(struct prog_places *p)
{
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), compare);
}

int prog_places_load(struct prog_places *ret)
{
	_cleanup_(prog_places_free) struct prog_places p = {0};
	_cleanup_(netns_list_free) struct netns_list namespaces = {0};
	int r = netns_list_load(&namespaces, NULL);

	if (r < 0 && r != -ENOMEM)
		r = 0;
	for (size_t i = 0; r >= 0 && i < namespaces.n; i++)
		r = load_namespace(&namespaces.v[i], &p);
	if (r < 0)
		return r;
	sort(&p);
	*ret = p;
	p = (struct prog_places){0};
	return 0;
}

/* The first place of the program; p->n if there is none. */
static size_t first_of(const struct prog_places *p, uint32_t id)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->v[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->n && p->v[lo].id == id ? lo : p->n;
}

int prog_places_update(struct prog_places *p, struct prog_places *newer)
{
	size_t n = newer->n;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->n; i++) {
		struct prog_places sorted = {newer->v, n};

		if (first_of(&sorted, p->v[i].id) == n)
			r = add(newer, &p->v[i]);
	}
	if (r < 0)
		return r;
	sort(newer);
	prog_places_free(p);
	*p = *newer;
	*newer = (struct prog_places){0};
	return 0;
}

static uint32_t hook_of(enum net_attach attach)
{
	switch (attach) {
	case NET_ATTACH_TCX_INGRESS:
		return EVENT_HOOK_TCX_INGRESS;
	case NET_ATTACH_TCX_EGRESS:
		return EVENT_HOOK_TCX_EGRESS;
	case NET_ATTACH_INGRESS:
	case NET_ATTACH_CLSACT_INGRESS:
		return EVENT_HOOK_TC_INGRESS;
	case NET_ATTACH_CLSACT_EGRESS:
	case NET_ATTACH_QDISC:
		return EVENT_HOOK_TC_EGRESS;
	case NET_ATTACH_ACTION:
		return EVENT_HOOK_TC_INGRESS | EVENT_HOOK_TC_EGRESS;
	case NET_ATTACH_NETKIT_PEER:
	case NET_ATTACH_NETKIT_PRIMARY:
		return EVENT_HOOK_NETKIT;
	case NET_ATTACH_XDP:
	case NET_ATTACH_N_:
		break;
	}
	return 0;
}

uint32_t prog_places_hooks(const struct prog_places *p, uint32_t id, uint32_t netns, uint32_t ifindex)
{
	uint32_t here = 0, anywhere = 0;

	for (size_t i = first_of(p, id); i < p->n && p->v[i].id == id; i++) {
		uint32_t hook = hook_of(p->v[i].attach);

		anywhere |= hook;
		if (ifindex && p->v[i].netns == netns && p->v[i].ifindex == ifindex)
			here |= hook;
	}
	return here ? here : anywhere;
}
