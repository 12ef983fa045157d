/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/program.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"

static const char *const attach_names[] = {
	[NET_ATTACH_XDP] = "xdp",
	[NET_ATTACH_TCX_INGRESS] = "tcx/ingress",
	[NET_ATTACH_INGRESS] = "ingress",
	[NET_ATTACH_CLSACT_INGRESS] = "clsact/ingress",
	[NET_ATTACH_NETKIT_PEER] = "netkit/peer",
	[NET_ATTACH_NETKIT_PRIMARY] = "netkit/primary",
	[NET_ATTACH_TCX_EGRESS] = "tcx/egress",
	[NET_ATTACH_CLSACT_EGRESS] = "clsact/egress",
	[NET_ATTACH_QDISC] = "qdisc",
	[NET_ATTACH_ACTION] = "action",
};
static_assert(ARRAY_SIZE(attach_names) == NET_ATTACH_N_, "every enum net_attach has a name");

const char *net_attach_name(enum net_attach a)
{
	return attach_names[a];
}

bool net_attach_from_pod(enum net_attach a)
{
	return a == NET_ATTACH_TCX_INGRESS || a == NET_ATTACH_INGRESS || a == NET_ATTACH_CLSACT_INGRESS ||
	       a == NET_ATTACH_NETKIT_PEER;
}

bool net_attach_to_pod(enum net_attach a)
{
	return a == NET_ATTACH_TCX_EGRESS || a == NET_ATTACH_CLSACT_EGRESS || a == NET_ATTACH_NETKIT_PRIMARY;
}

void net_programs_free(struct net_programs *p)
{
	free(p->v);
	*p = (struct net_programs){0};
}

int net_programs_add(struct net_programs *p, const struct net_program *program)
{
	if (ARRAY_GROW(p->v, p->n) < 0)
		return -ENOMEM;
	p->v[p->n++] = *program;
	return 0;
}

/* Insertion sort: it is stable, and a device has a few programs only. */
void net_programs_sort(struct net_programs *p)
{
	for (size_t i = 1; i < p->n; i++) {
		struct net_program one = p->v[i];
		size_t at = i;

		for (; at > 0 && p->v[at - 1].attach > one.attach; at--)
			p->v[at] = p->v[at - 1];
		p->v[at] = one;
	}
}

void program_walk_free(struct program_walk *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i].name);
	free(w->v);
	*w = (struct program_walk){0};
}

int program_walk_add(struct program_walk *w, uint32_t id, char *name, size_t caller)
{
	if (ARRAY_GROW(w->v, w->n) < 0) {
		free(name);
		return -ENOMEM;
	}
	w->v[w->n++] = (struct program_step){.id = id, .name = name, .caller = caller};
	return 0;
}

struct program_candidates program_walk_candidates(const struct program_walk *w, uint32_t helpers)
{
	struct program_candidates c = {.complete = !w->cut};
	const struct program_step *last = NULL;

	for (size_t i = 0; i < w->n; i++) {
		c.complete &= w->v[i].known;
		if (!w->v[i].known || !(w->v[i].helpers & helpers))
			continue;
		last = &w->v[i];
		c.n++;
	}
	if (c.n == 1 && c.complete)
		c.only = last;
	return c;
}
