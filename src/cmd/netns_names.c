/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/netns_names.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"

#define RELOAD_NS 100000000ull

/* Inode of the kernel's first PID namespace: PROC_PID_INIT_INO, include/linux/proc_ns.h. */
#define INIT_PID_INODE 0xeffffffcu

struct netns_names {
	struct netns_list list;
	uint64_t loaded_ns;
	uint32_t
		host; /* inode; 0 unknown. Later lists need not know it: privileges are dropped once a trace is armed */
};

/* In a container process 1 is the container's own, and its namespace nobody's host. */
static bool sees_host(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == INIT_PID_INODE;
}

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
	for (size_t i = 0; sees_host() && i < n->list.n; i++)
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
