/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/program.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

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
};
static_assert(ARRAY_SIZE(attach_names) == NET_ATTACH_N_, "a place without a name");

const char *net_attach_name(enum net_attach a)
{
	return attach_names[a];
}

bool net_attach_from_pod(enum net_attach a)
{
	return a == NET_ATTACH_TCX_INGRESS || a == NET_ATTACH_INGRESS || a == NET_ATTACH_CLSACT_INGRESS ||
	       a == NET_ATTACH_NETKIT_PEER;
}

void net_programs_free(struct net_programs *p)
{
	free(p->v);
	*p = (struct net_programs){0};
}

int net_programs_add(struct net_programs *p, const struct net_program *program)
{
	struct net_program *v = reallocarray(p->v, p->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	p->v = v;
	p->v[p->n++] = *program;
	return 0;
}

/* Insertion: stable, and a device has a handful. */
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
	struct program_step *v = reallocarray(w->v, w->n + 1, sizeof(*v));

	if (!v) {
		free(name);
		return -ENOMEM;
	}
	w->v = v;
	w->v[w->n++] = (struct program_step){.id = id, .name = name, .caller = caller};
	return 0;
}

const struct program_step *program_walk_find(const struct program_walk *w, uint32_t helpers)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].known && w->v[i].helpers & helpers)
			return &w->v[i];
	return NULL;
}
