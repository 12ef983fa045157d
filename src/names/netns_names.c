/* SPDX-License-Identifier: GPL-2.0-only */
#include "names/netns_names.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

#define RELOAD_NS 100000000ull

struct netns_names {
	struct netns_list list;
	uint64_t loaded_ns;
	uint32_t host; /* inode of the initial namespace, 0 unknown; found once, as the privileges for it are dropped
			  later */
};

int netns_names_new(struct netns_names **ret, struct reason *reason)
{
	struct netns_names *n = calloc(1, sizeof(*n));
	int r;

	if (!n)
		return -ENOMEM;
	r = netns_list_load(&n->list, reason);
	if (r < 0) {
		free(n);
		return r;
	}
	n->loaded_ns = clock_monotonic_ns();
	/* in another PID namespace process 1 is a container's, and its network namespace is not the host's */
	for (size_t i = 0; netns_pids_are_hosts() && i < n->list.n; i++)
		if (n->list.v[i].initial)
			n->host = n->list.v[i].inode;
	*ret = n;
	return 0;
}

void netns_names_free(struct netns_names *n)
{
	if (!n)
		return;
	netns_list_free(&n->list);
	free(n);
}

const struct netns *netns_names_netns(struct netns_names *n, uint32_t inode)
{
	const struct netns *ns = netns_list_find(&n->list, inode);
	struct netns_list fresh;

	if (!ns && clock_monotonic_ns() - n->loaded_ns > RELOAD_NS) {
		n->loaded_ns = clock_monotonic_ns();
		if (netns_list_load(&fresh, NULL) == 0) {
			netns_list_free(&n->list);
			n->list = fresh;
			ns = netns_list_find(&n->list, inode);
		}
	}
	return ns;
}

const char *netns_names_find(struct netns_names *n, uint32_t inode)
{
	const struct netns *ns = netns_names_netns(n, inode);

	if (inode && inode == n->host && (!ns || !ns->name))
		return "host";
	return ns ? ns->name : NULL;
}
