/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/surroundings_config.h"

#include <errno.h>
#include <string.h>

#include "kern/cgroup.h"
#include "net/netns.h"
#include "net/pod.h"
#include "net/snapshot.h"

static void name_config(const char *name, struct st_name *ret)
{
	size_t len = name ? strlen(name) : 0;

	memset(ret, 0, sizeof(*ret));
	if (!len || len >= sizeof(ret->word))
		return;
	memcpy(ret->word, name, len);
	memset(ret->mask, 0xff, len + 1); /* with the NUL */
}

/* The reason `why`, or else the error's own text, behind the option's name and value. */
static int named(const char *option, const char *value, int err, const struct reason *why, struct reason *ret)
{
	return reason_set(ret, err, "--%s=%s: %s", option, value, why->text[0] ? why->text : strerror(-err));
}

static void pod_add(struct st_pod *pod, const struct net_ip *ip)
{
	if (ip->family == 4 && pod->n_v4 < ST_POD_ADDRS)
		memcpy(&pod->v4_be[pod->n_v4++], ip->bytes, sizeof(pod->v4_be[0]));
	else if (ip->family == 6 && pod->n_v6 < ST_POD_ADDRS)
		memcpy(pod->v6_be[pod->n_v6++], ip->bytes, sizeof(pod->v6_be[0]));
}

/* The namespace and addresses of the pod of that name. -ENOTUNIQ if several pods have it, in several Kubernetes
 * namespaces. */
static int pod_collect(const struct endpoint_list *list, const char *name, struct st_pod *ret, struct reason *reason)
{
	struct st_pod pod = {0};
	const char *first = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct endpoint *e = &list->v[i];

		if (!pod_name_matches(e->pod, name))
			continue;
		if (first && e->netns != pod.netns)
			return reason_set(reason, -ENOTUNIQ, "that is %s as well as %s, say which", first, e->pod);
		first = e->pod;
		pod.netns = e->netns;
		pod_add(&pod, &e->ip);
	}
	if (!first)
		return reason_set(reason, -ENOENT, "no such pod is known here; skbtrail endpoints lists them");
	*ret = pod;
	return 0;
}

/* *ret_n: how many pods were found; the next one has the error. */
static int pods_config(const struct match_names *names, struct st_pod *ret, unsigned *ret_n, struct reason *reason)
{
	_cleanup_(net_snapshot_freep) struct net_snapshot *snapshot = NULL;
	_cleanup_(endpoint_list_free) struct endpoint_list list = {0};
	int r = net_snapshot_load(&snapshot, reason);

	*ret_n = 0;
	if (r >= 0)
		r = endpoint_list_collect(snapshot, 0, &list, reason);
	while (r >= 0 && *ret_n < names->n) {
		r = pod_collect(&list, names->v[*ret_n], &ret[*ret_n], reason);
		if (r >= 0)
			++*ret_n;
	}
	return r;
}

static int cgroup_config(const char *path, struct st_surroundings *ret, struct reason *reason)
{
	struct cgroup cgroup;
	int r = cgroup_find(path, &cgroup, reason);

	if (r < 0)
		return r;
	ret->cgroup = cgroup.id;
	ret->cgroup_has_level = cgroup.has_level;
	ret->cgroup_level = cgroup.level;
	return 0;
}

int surroundings_config(const struct trace_options *o, struct st_surroundings *ret, struct reason *reason)
{
	const struct event_match *m = &o->match;
	struct st_surroundings surroundings = {.pid = m->has_pid ? m->pid : 0,
					       .has_pid = m->has_pid,
					       .has_mark = m->has_mark,
					       .mark = m->mark & m->mark_mask,
					       .mark_mask = m->mark_mask};
	struct reason why = {0};
	int r = 0;

	surroundings.n_ifnames = m->ifname.n;
	for (unsigned i = 0; i < m->ifname.n; i++)
		name_config(m->ifname.v[i], &surroundings.ifname[i]);
	name_config(m->comm, &surroundings.comm);
	if (m->netns_text)
		r = netns_resolve(m->netns_text, &surroundings.netns, &why);
	if (r < 0)
		return named("filter-netns", m->netns_text, r, &why, reason);
	if (o->cgroup)
		r = cgroup_config(o->cgroup, &surroundings, &why);
	if (r < 0)
		return named("filter-cgroup", o->cgroup, r, &why, reason);
	if (o->pods.n)
		r = pods_config(&o->pods, surroundings.pod, &surroundings.n_pods, &why);
	if (r < 0)
		return named("filter-pod", o->pods.v[surroundings.n_pods], r, &why, reason);
	*ret = surroundings;
	return 0;
}
