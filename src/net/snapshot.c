/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/snapshot.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/hostname.h"
#include "net/pod.h"
#include "net/rtnl.h"

struct live {
	struct net_snapshot snapshot; /* the first member: net_snapshot_free() casts its address */
	struct pod_table pods;
	bool pods_loaded;
	struct rtnl *rtnl;   /* of the last call: the next one is mostly for the same namespace */
	uint32_t rtnl_netns; /* inode of its namespace */
};

static int live_nsid(void *ctx, const struct netns *asking, const struct netns *of, int32_t *ret_nsid)
{
	_cleanup_close_ int fd = -1;
	struct live *live = ctx;
	int r;

	if (!live->rtnl || live->rtnl_netns != asking->inode) {
		rtnl_close(TAKE_PTR(live->rtnl));
		r = rtnl_open(asking, &live->rtnl);
		if (r < 0)
			return r;
		live->rtnl_netns = asking->inode;
	}
	r = netns_open(of, &fd);
	if (r < 0)
		return r;
	return rtnl_get_nsid(live->rtnl, fd, ret_nsid);
}

static int live_pod(void *ctx, const struct netns *ns, const struct net_ip *ip, char **ret_pod)
{
	struct live *live = ctx;
	const char *name;

	*ret_pod = NULL;
	if (!live->pods_loaded) {
		int r = pod_table_load("", &live->pods);

		if (r < 0)
			return r;
		live->pods_loaded = true;
	}
	name = pod_table_find(&live->pods, ns->name, ip);
	if (name) {
		*ret_pod = strdup(name);
		return *ret_pod ? 0 : -ENOMEM;
	}
	return ns->pid ? hostname_of_process(ns->pid, ns->inode, ret_pod) : 0;
}

static const struct net_ops live_ops = {.nsid = live_nsid, .pod = live_pod};

static void live_free(struct live *live)
{
	if (!live)
		return;
	for (size_t i = 0; live->snapshot.tables && i < live->snapshot.list.n; i++)
		net_tables_free(&live->snapshot.tables[i]);
	free(live->snapshot.tables);
	netns_list_free(&live->snapshot.list);
	pod_table_free(&live->pods);
	rtnl_close(live->rtnl);
	free(live);
}
DEFINE_CLEANUP(struct live *, live_free)

void net_snapshot_free(struct net_snapshot *s)
{
	live_free((struct live *)s);
}

static int read_namespace(const struct netns *ns, struct net_tables *ret)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	int r = rtnl_open(ns, &rtnl);

	return r < 0 ? r : rtnl_dump(rtnl, ret);
}

static int read_all(struct net_snapshot *s, struct reason *reason)
{
	for (size_t i = 0; i < s->list.n; i++) {
		char text[NETNS_TEXT_MAX];
		int r = read_namespace(&s->list.v[i], &s->tables[i]);

		/* The tables of a namespace that is gone stay empty. */
		if (r >= 0 || r == -ENOENT)
			continue;
		if (r == -EPERM || r == -EACCES) {
			s->list.n_unreadable++;
			continue;
		}
		netns_format(&s->list.v[i], text);
		return reason_set(reason, r, "cannot read the links of network namespace %s: %s", text, strerror(-r));
	}
	return 0;
}

int net_snapshot_load(struct net_snapshot **ret, struct reason *reason)
{
	_cleanup_(live_freep) struct live *live = calloc(1, sizeof(*live));
	struct net_snapshot *s;
	int r;

	if (!live)
		return -ENOMEM;
	s = &live->snapshot;
	s->ops = &live_ops;
	s->ctx = live;
	r = netns_list_load(&s->list, reason);
	if (r < 0)
		return r;
	s->tables = calloc(s->list.n, sizeof(*s->tables));
	if (!s->tables)
		return -ENOMEM;
	r = read_all(s, reason);
	if (r < 0)
		return r;
	if (s->list.n_unreadable && geteuid() != 0)
		return reason_set(reason, -EPERM, "cannot look into other network namespaces: run as root");
	*ret = &TAKE_PTR(live)->snapshot;
	return 0;
}
