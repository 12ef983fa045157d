/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/meta.h"

#include <errno.h>
#include <string.h>

#include "kern/cgroup.h"
#include "net/netns.h"
#include "net/snapshot.h"

static void name_config(const char *name, struct st_name *ret)
{
	size_t len = name ? strlen(name) : 0;

	memset(ret, 0, sizeof(*ret));
	if (!len || len >= sizeof(ret->word))
		return;
	memcpy(ret->word, name, len);
	memset(ret->mask, 0xff, len + 1); /* with its end */
}

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

/* A pod is one namespace; its name may stand for several only if two Kubernetes namespaces have one of that name. */
static int pod_collect(const struct endpoint_list *list, const char *name, struct st_pod *ret, struct reason *reason)
{
	struct st_pod pod = {0};
	const char *first = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct endpoint *e = &list->v[i];

		if (!net_pod_matches(e->pod, name))
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

static int pod_config(const char *name, struct st_pod *ret, struct reason *reason)
{
	_cleanup_(net_snapshot_freep) struct net_snapshot *snapshot = NULL;
	_cleanup_(endpoint_list_free) struct endpoint_list list = {0};
	int r = net_snapshot_load(&snapshot, reason);

	if (r >= 0)
		r = net_list_endpoints(snapshot, 0, &list, reason);
	return r < 0 ? r : pod_collect(&list, name, ret, reason);
}

static int cgroup_config(const char *path, struct st_meta *ret, struct reason *reason)
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

int meta_config(const struct trace_options *o, struct st_meta *ret, struct reason *reason)
{
	const struct event_match *m = &o->match;
	struct st_meta meta = {.pid = m->has_pid ? m->pid : 0,
			       .has_pid = m->has_pid,
			       .has_mark = m->has_mark,
			       .mark = m->mark & m->mark_mask,
			       .mark_mask = m->mark_mask};
	struct reason why = {0};
	int r = 0;

	name_config(m->ifname, &meta.ifname);
	name_config(m->comm, &meta.comm);
	if (m->netns_text)
		r = netns_resolve(m->netns_text, &meta.netns, &why);
	if (r < 0)
		return named("filter-netns", m->netns_text, r, &why, reason);
	if (o->cgroup)
		r = cgroup_config(o->cgroup, &meta, &why);
	if (r < 0)
		return named("filter-cgroup", o->cgroup, r, &why, reason);
	if (o->pod)
		r = pod_config(o->pod, &meta.pod, &why);
	if (r < 0)
		return named("filter-pod", o->pod, r, &why, reason);
	*ret = meta;
	return 0;
}
