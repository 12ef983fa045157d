/* SPDX-License-Identifier: GPL-2.0-only */
#include "names/netns_pods.h"

#include <errno.h>

#include "net/snapshot.h"

struct netns_pods {
	struct endpoint_list list;
};

int netns_pods_new(struct netns_pods **ret, struct reason *reason)
{
	_cleanup_(net_snapshot_freep) struct net_snapshot *snapshot = NULL;
	_cleanup_(netns_pods_freep) struct netns_pods *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	r = net_snapshot_load(&snapshot, reason);
	if (r >= 0)
		r = endpoint_list_collect(snapshot, 0, &p->list, reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(p);
	return 0;
}

void netns_pods_free(struct netns_pods *p)
{
	if (!p)
		return;
	endpoint_list_free(&p->list);
	free(p);
}

const char *netns_pods_find(const struct netns_pods *p, uint32_t inode)
{
	for (size_t i = 0; p && i < p->list.n; i++) {
		if (p->list.v[i].netns == inode && p->list.v[i].pod)
			return p->list.v[i].pod;
	}
	return NULL;
}
