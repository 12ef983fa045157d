/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/programs.h"

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

/* The kernel lists the programs of both devices of a netkit pair at one of them, the primary, usually the host's. */
static int query_pair(const struct netns_list *namespaces, const struct endpoint *e, const struct netns *host,
		      struct net_programs *programs)
{
	const struct netns *pod;
	int r = progs_query(host, &e->host_ifindex, 1, programs);

	if (r < 0 || strcmp(e->kind, "netkit") != 0 || has_netkit(programs))
		return r;
	pod = netns_list_find(namespaces, e->netns);
	return pod ? progs_query(pod, &e->ifindex, 1, programs) : 0;
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
	if (!name && found->name[0]) { /* unloaded since, or the program has no name of its own */
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
	e->other_filters = found.others;
	return 0;
}

static enum net_attach attach_of(const struct endpoint_program *p)
{
	enum net_attach a = 0;

	while (a + 1 < NET_ATTACH_N_ && strcmp(net_attach_name(a), p->attach) != 0)
		a++;
	return a;
}

static bool runs(enum net_attach a, bool from_pod)
{
	return from_pod ? net_attach_from_pod(a) : net_attach_to_pod(a);
}

/* Whether there are other tc filters at the same place. They may drop, and their actions may be anything. */
static bool has_others(const struct endpoint *e, bool from_pod)
{
	for (enum net_attach a = 0; a < NET_ATTACH_N_; a++)
		if (e->other_filters & 1u << a && runs(a, from_pod))
			return true;
	return false;
}

/* Whether the program, or one that it may tail-call, calls one of the helpers, or may do so for all we know. */
static bool may_call(const struct program_walk *w, uint32_t helpers)
{
	struct program_candidates c = program_walk_candidates(w, helpers);

	return !w->n || !c.complete || c.n;
}

/* The candidates on the host side of e, for packets from its pod or to it. helpers: only those that may call one of
 * these; 0: all. walk: NULL, or receives what is known of the only candidate. */
static struct program_choice choose(struct progs *progs, const struct endpoint *e, bool from_pod, uint32_t helpers,
				    struct program_walk *walk)
{
	struct program_choice c = {.ifname = e->host_ifname};

	for (size_t i = 0; i < e->n_programs; i++) {
		_cleanup_(program_walk_free) struct program_walk w = {0};

		if (!runs(attach_of(&e->programs[i]), from_pod))
			continue;
		if (walk)
			(void)progs_walk(progs, e->programs[i].id, &w);
		if (helpers && !may_call(&w, helpers))
			continue;
		c.n++;
		c.program = &e->programs[i];
		if (!walk)
			continue;
		program_walk_free(walk);
		*walk = w;
		w = (struct program_walk){0};
	}
	c.n += has_others(e, from_pod);
	if (c.n == 1 && c.program)
		return c;
	c.program = NULL;
	if (walk)
		program_walk_free(walk);
	return c;
}

static bool is_host_side(const struct endpoint *e, uint32_t netns, uint32_t ifindex)
{
	return e->peer == NET_PEER_FOUND && e->host_netns == netns && e->host_ifindex == ifindex;
}

/* near: the sender, far: the receiver. On the sender's host side its packets come from the pod, on the receiver's they
 * go to it. */
static void choose_of_direction(struct progs *progs, const struct endpoint *near, const struct endpoint *far,
				const struct direction_result *l, enum tc_drop drop, struct program_walk *walk,
				struct direction_program *ret)
{
	uint32_t helpers = l->has_helper ? 1u << l->helper : 0;

	if (!l->has_helper || is_host_side(near, l->redirect_netns, l->redirect_ifindex))
		ret->helper = choose(progs, near, true, helpers, walk);
	else if (is_host_side(far, l->redirect_netns, l->redirect_ifindex))
		ret->helper = choose(progs, far, false, helpers, walk);
	ret->walk = walk;
	if (drop == TC_DROP_NONE)
		return;
	if (is_host_side(near, l->drop.netns, l->drop.ifindex))
		ret->drop = choose(progs, near, drop == TC_DROP_INGRESS, 0, NULL);
	else if (is_host_side(far, l->drop.netns, l->drop.ifindex))
		ret->drop = choose(progs, far, drop == TC_DROP_INGRESS, 0, NULL);
}

/* Usually both host sides are in our own namespace. Only otherwise all namespaces are listed, because that takes long.
 */
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

void programs_of_check(struct progs *progs, const struct endpoint *src, const struct endpoint *dst,
		       const struct check_result *r, const enum tc_drop tc_drops[static DIRECTION_MAX],
		       struct check_programs *ret)
{
	_cleanup_(netns_list_free) struct netns_list namespaces = {0};

	*ret = (struct check_programs){.src = *src, .dst = *dst};
	ret->src.programs = ret->dst.programs = NULL;
	ret->src.n_programs = ret->dst.n_programs = 0;
	if (load_namespaces(src, dst, &namespaces) < 0)
		return;
	(void)programs_of_endpoint(progs, &namespaces, &ret->src);
	(void)programs_of_endpoint(progs, &namespaces, &ret->dst);
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		bool request = dir == DIRECTION_REQUEST;

		choose_of_direction(progs, request ? &ret->src : &ret->dst, request ? &ret->dst : &ret->src,
				    &r->directions[dir], tc_drops[dir], &ret->walks[dir], &ret->directions[dir]);
	}
}

void programs_of_check_free(struct check_programs *p)
{
	free_programs(&p->src);
	free_programs(&p->dst);
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++)
		program_walk_free(&p->walks[dir]);
	*p = (struct check_programs){0};
}
