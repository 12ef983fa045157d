/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process enters a namespace to ask for a name there, so answers are kept, "there is none" included. Interfaces are
 * renamed and inodes of namespaces are reused, so an answer is kept for a second only.
 */
#include "names/ifnames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "net/netns.h"

#define KEPT	256 /* a power of two */
#define KEEP_NS 1000000000ull

struct ifnames {
	struct netns_names *names;
	struct kept {
		uint64_t until_ns;
		uint32_t netns, ifindex;
		char name[IF_NAMESIZE];
	} kept[KEPT];
};

int ifnames_new(struct netns_names *names, struct ifnames **ret)
{
	struct ifnames *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->names = names;
	*ret = n;
	return 0;
}

void ifnames_free(struct ifnames *n)
{
	free(n);
}

static int ask_here(void *ctx)
{
	struct kept *k = ctx;

	return if_indextoname(k->ifindex, k->name) ? 0 : -errno;
}

static void ask(struct ifnames *n, struct kept *k)
{
	const struct netns *ns = netns_names_netns(n->names, k->netns);

	if (!ns || netns_visit(ns, ask_here, k) < 0)
		k->name[0] = '\0';
	k->until_ns = clock_monotonic_ns() + KEEP_NS;
}

void ifnames_find(struct ifnames *n, uint32_t netns, uint32_t ifindex, char ret[static IF_NAMESIZE])
{
	struct kept *k = &n->kept[hash_u64((uint64_t)netns << 32 | ifindex) & (KEPT - 1)];

	if (k->netns != netns || k->ifindex != ifindex || clock_monotonic_ns() >= k->until_ns) {
		k->netns = netns;
		k->ifindex = ifindex;
		ask(n, k);
	}
	memcpy(ret, k->name, IF_NAMESIZE);
}
