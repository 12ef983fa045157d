/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From an address to the interface that holds it and to the host side of that interface's pair. Pure: it works on a
 * snapshot of all namespaces' tables and asks the two questions that need the kernel through struct net_ops.
 */
#pragma once

#include "base/reason.h"
#include "net/link.h"
#include "net/netns.h"

struct net_ops {
	/* The id by which `asking` calls `of`. -ENOENT: none, or one of the two is gone. */
	int (*nsid)(void *ctx, const struct netns *asking, const struct netns *of, int32_t *ret_nsid);
	/* Name of the pod that holds ip in ns, for the caller to free; NULL if unknown. 0 or -errno. */
	int (*pod)(void *ctx, const struct netns *ns, const struct net_ip *ip, char **ret_pod);
};

/* One moment's view. An interface is (namespace, ifindex): ifindexes repeat between namespaces. */
struct net_snapshot {
	struct netns_list list;	   /* owned */
	struct net_tables *tables; /* owned; list.n of them, sorted, in the list's order */
	const struct net_ops *ops; /* borrowed */
	void *ctx;		   /* of ops; its owner is whoever made the snapshot */
};

/* Why there is a host side or not. */
enum net_peer {
	NET_PEER_FOUND,
	NET_PEER_NOT_A_PAIR, /* neither veth nor netkit, or its other end is being deleted */
	NET_PEER_SAME_NETNS,
	NET_PEER_HIDDEN, /* in a namespace that has neither a name nor a process here, or none we may read */
	NET_PEER_N_,
};

struct endpoint_program {
	char *attach; /* owned, e.g. "tcx/ingress" */
	char *name;   /* owned, the program's full name */
	uint32_t id;
};

struct endpoint {
	struct net_ip ip;
	char *pod;	  /* owned: NAMESPACE/NAME or a host name; NULL unknown */
	uint32_t netns;	  /* inode */
	char *netns_name; /* owned; NULL: none */
	uint32_t ifindex;
	char ifname[IF_NAMESIZE];
	char kind[NET_KIND_LEN];
	enum net_peer peer;    /* the host side is valid with NET_PEER_FOUND, and zero otherwise */
	uint32_t host_netns;   /* inode */
	char *host_netns_name; /* owned; NULL: none */
	uint32_t host_ifindex;
	char host_ifname[IF_NAMESIZE];
	struct endpoint_program *programs; /* owned; left empty here, filled by who asks the kernel for programs */
	size_t n_programs;
};

void endpoint_clear(struct endpoint *e);

struct endpoint_list {
	struct endpoint *v; /* owned */
	size_t n;
};

void endpoint_list_free(struct endpoint_list *list);

/* The one interface that holds the address. -ENOENT: none does; -ENOTUNIQ: several do, the reason names them; *ret is
 * left alone. A missing host side is no error: see endpoint_no_peer(). The result does not depend on the snapshot. */
int net_find_endpoint(const struct net_snapshot *s, const struct net_ip *ip, struct endpoint *ret,
		      struct reason *reason);

/* The same for what users type: an address, netns:NAME (NAME as netns_resolve() takes it; its one global address), or
 * a pod's name, with or without its Kubernetes namespace. family 4 or 6 restricts the addresses considered for the
 * latter two, 0 does not. -EINVAL, -ENOENT, -ENOTUNIQ with a reason. */
int net_find_endpoint_spelled(const struct net_snapshot *s, const char *spelling, uint8_t family, struct endpoint *ret,
			      struct reason *reason);

/* Whether the pod (NULL: unknown) is the one wanted: NAME stands for NAMESPACE/NAME too. */
bool net_pod_matches(const char *pod, const char *wanted);

enum {
	NET_LIST_LINK_LOCAL = 1 << 0, /* link-local addresses too */
	NET_LIST_HOST = 1 << 1,	      /* addresses on the host's ends of pairs too */
};

/* Every address on a link whose peer is in another namespace, sorted by family and address. 0 or -errno. */
int net_list_endpoints(const struct net_snapshot *s, unsigned flags, struct endpoint_list *ret, struct reason *reason);

/* Sets the reason why e has no host side; returns -ENOLINK (or 0 and no reason, if it has one). */
int endpoint_no_peer(const struct endpoint *e, struct reason *reason);
