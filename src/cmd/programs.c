/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/programs.h"

#include <errno.h>
#include <string.h>

#include "net/tc.h"

static void free_programs(struct endpoint *e)
{
	for (size_t i = 0; i < e->n_programs; i++) {
		free(e->programs[i].attach);
		free(e->programs[i].name);
	}
	free(e->programs);
	e->programs = NULL;
	e->n_programs = 0;
}

static bool has_netkit(const struct net_programs *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].attach == NET_ATTACH_NETKIT_PEER || p->v[i].attach == NET_ATTACH_NETKIT_PRIMARY)
			return true;
	return false;
}

/* A netkit pair keeps the programs of both its ends at one of them, the primary, usually the host's. */
static int query_pair(const struct netns_list *namespaces, const struct endpoint *e, const struct netns *host,
		      struct net_programs *programs)
{
	const struct netns *pod;
	int r = progs_query(host, e->host_ifindex, programs);

	if (r < 0 || strcmp(e->kind, "netkit") != 0 || has_netkit(programs))
		return r;
	pod = netns_list_find(namespaces, e->netns);
	return pod ? progs_query(pod, e->ifindex, programs) : 0;
}

static int find_programs(const struct netns_list *namespaces, const struct endpoint *e, struct net_programs *ret)
{
	_cleanup_(net_programs_free) struct net_programs programs = {0};
	const struct netns *host = e->peer == NET_PEER_FOUND ? netns_list_find(namespaces, e->host_netns) : NULL;
	int r = host ? tc_load(host, e->host_ifindex, &programs) : 0;

	if (r >= 0 && host)
		r = query_pair(namespaces, e, host, &programs);
	if (r < 0 && r != -ENOENT && r != -ENODEV)
		return r;
	net_programs_sort(&programs);
	*ret = programs;
	programs = (struct net_programs){0};
	return 0;
}

static int name_program(struct progs *progs, const struct net_program *found, struct endpoint_program *ret)
{
	_cleanup_free_ char *name = NULL;
	int r = progs_name(progs, found->id, &name);

	if (r == -ENOMEM)
		return r;
	if (!name && found->name[0]) { /* gone again, or it has none of its own */
		name = strdup(found->name);
		if (!name)
			return -ENOMEM;
	}
	ret->attach = strdup(net_attach_name(found->attach));
	if (!ret->attach)
		return -ENOMEM;
	ret->name = TAKE_PTR(name);
	ret->id = found->id;
	return 0;
}

int programs_of_endpoint(struct progs *progs, const struct netns_list *namespaces, struct endpoint *e)
{
	_cleanup_(net_programs_free) struct net_programs found = {0};
	struct endpoint with = {0};
	int r = find_programs(namespaces, e, &found);

	if (r < 0)
		return r;
	with.programs = calloc(found.n + 1, sizeof(*with.programs));
	if (!with.programs)
		return -ENOMEM;
	for (; r >= 0 && with.n_programs < found.n; with.n_programs += r >= 0)
		r = name_program(progs, &found.v[with.n_programs], &with.programs[with.n_programs]);
	if (r < 0) {
		free_programs(&with);
		return r;
	}
	free_programs(e);
	e->programs = with.programs;
	e->n_programs = with.n_programs;
	return 0;
}

static bool from_pod(const struct endpoint_program *p)
{
	for (enum net_attach a = 0; a < NET_ATTACH_N_; a++)
		if (net_attach_from_pod(a) && strcmp(net_attach_name(a), p->attach) == 0)
			return true;
	return false;
}

/* Of several, the first whose code knows the helper that was seen; else the first that a packet meets. */
static void choose(struct progs *progs, const struct endpoint *near, const struct leg_result *l,
		   struct program_walk *walk, struct leg_program *ret)
{
	uint32_t wanted = l->has_helper ? 1u << l->helper : 0;

	for (size_t i = 0; i < near->n_programs; i++) {
		_cleanup_(program_walk_free) struct program_walk w = {0};
		const struct endpoint_program *p = &near->programs[i];

		if (!from_pod(p))
			continue;
		(void)progs_walk(progs, p->id, &w);
		if (ret->program && !program_walk_find(&w, wanted))
			continue;
		program_walk_free(walk);
		*walk = w;
		w = (struct program_walk){0};
		*ret = (struct leg_program){.program = p, .walk = walk};
		if (!wanted || program_walk_find(walk, wanted))
			return;
	}
}

/* Usually all is in the namespace we are in; the list of all of them takes longer to read than all the rest. */
static int load_namespaces(const struct endpoint *src, const struct endpoint *dst, struct netns_list *ret)
{
	struct netns_list list = {0};
	uint32_t own;
	int r = netns_resolve("/proc/thread-self/ns/net", &own, NULL);

	if (r < 0 || src->host_netns != own || dst->host_netns != own || strcmp(src->kind, "netkit") == 0 ||
	    strcmp(dst->kind, "netkit") == 0)
		return netns_list_load(ret, NULL);
	list.v = calloc(1, sizeof(*list.v));
	if (!list.v)
		return -ENOMEM;
	list.v[0] = (struct netns){.inode = own, .own = true};
	list.n = 1;
	*ret = list;
	return 0;
}

void check_programs_load(struct progs *progs, const struct endpoint *src, const struct endpoint *dst,
			 const struct leg_result legs[static LEG_MAX], struct check_programs *ret)
{
	_cleanup_(netns_list_free) struct netns_list namespaces = {0};

	*ret = (struct check_programs){.src = *src, .dst = *dst};
	ret->src.programs = ret->dst.programs = NULL;
	ret->src.n_programs = ret->dst.n_programs = 0;
	if (load_namespaces(src, dst, &namespaces) < 0)
		return;
	(void)programs_of_endpoint(progs, &namespaces, &ret->src);
	(void)programs_of_endpoint(progs, &namespaces, &ret->dst);
	choose(progs, &ret->src, &legs[LEG_REQUEST], &ret->walks[LEG_REQUEST], &ret->legs[LEG_REQUEST]);
	choose(progs, &ret->dst, &legs[LEG_REPLY], &ret->walks[LEG_REPLY], &ret->legs[LEG_REPLY]);
}

void check_programs_free(struct check_programs *p)
{
	free_programs(&p->src);
	free_programs(&p->dst);
	for (enum leg leg = 0; leg < LEG_MAX; leg++)
		program_walk_free(&p->walks[leg]);
	*p = (struct check_programs){0};
}
