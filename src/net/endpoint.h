/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the interface that has an address, and the host side of that interface if it is one end of a veth or netkit
 * pair. Pure: it searches a snapshot of the tables of all namespaces. The two questions that need the kernel go through
 * struct net_ops.
 */
#pragma once

#include "base/reason.h"
#include "net/link.h"
#include "net/netns.h"

struct net_ops {
	/* The id (nsid) that namespace `asking` has assigned to namespace `of`. -ENOENT: none, or one of them is gone.
	 */
	int (*nsid)(void *ctx, const struct netns *asking, const struct netns *of, int32_t *ret_nsid);
	/* The name of the pod that has address ip in ns, which the caller frees; NULL unknown. 0 or -errno. */
	int (*pod)(void *ctx, const struct netns *ns, const struct net_ip *ip, char **ret_pod);
};

/* The links and addresses of all namespaces at one moment. An ifindex is unique within its namespace only. */
struct net_snapshot {
	struct netns_list list;	   /* owned */
	struct net_tables *tables; /* owned; one per entry of list, in its order, sorted */
	const struct net_ops *ops; /* borrowed */
	void *ctx;		   /* passed to ops; borrowed */
};

/* Whether an endpoint has a host side, and if not, why. */
enum net_peer {
	NET_PEER_FOUND,
	NET_PEER_NOT_A_PAIR, /* neither veth nor netkit, or the peer is being deleted */
	NET_PEER_SAME_NETNS, /* the peer is in the same namespace */
	NET_PEER_HIDDEN,     /* the peer's namespace has neither a name nor a process here, or we may not read it */
	NET_PEER_N_,
};

struct endpoint_program {
	char *attach; /* owned, e.g. "tcx/ingress" */
	char *name;   /* owned; the full name */
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
	enum net_peer peer;    /* the host_* members are set if it is NET_PEER_FOUND, else zero */
	uint32_t host_netns;   /* inode */
	char *host_netns_name; /* owned; NULL: none */
	uint32_t host_ifindex;
	char host_ifname[IF_NAMESIZE];
	struct endpoint_program *programs; /* owned; the functions below leave it empty */
	size_t n_programs;
	uint32_t other_filters; /* bits 1 << enum net_attach, beside the programs: see struct net_programs */
};

void endpoint_clear(struct endpoint *e);

struct endpoint_list {
	struct endpoint *v; /* owned */
	size_t n;
};

void endpoint_list_free(struct endpoint_list *list);

/* The one interface that has the address. -ENOENT: none has it; -ENOTUNIQ: several have it, and the reason names them;
 * *ret is then unchanged. A missing host side is no error: see endpoint_no_peer(). *ret borrows nothing from s. */
int endpoint_find(const struct net_snapshot *s, const struct net_ip *ip, struct endpoint *ret, struct reason *reason);

/* Finds the endpoint that a user names: by its address; by netns:NAME, which is the one global address in the namespace
 * that netns_resolve() finds for NAME; or by a pod's name, with or without its Kubernetes namespace. The last two may
 * be followed by ",IFNAME", ",ADDRESS" or both, where there are several; family 4 or 6 allows only addresses of that
 * family, and 0 allows both. -EINVAL, -ENOENT or -ENOTUNIQ with a reason; *ret is then unchanged. */
int endpoint_resolve(const struct net_snapshot *s, const char *text, uint8_t family, struct endpoint *ret,
		     struct reason *reason);

enum {
	ENDPOINT_LINK_LOCAL = 1 << 0, /* include link-local addresses */
	ENDPOINT_HOST = 1 << 1,	      /* include addresses on host sides of pairs */
};

/* All addresses on links whose peer is in another namespace, sorted by family and address. flags: of the enum above. 0,
 * or -errno with a reason; *ret is then unchanged. */
int endpoint_list_collect(const struct net_snapshot *s, unsigned flags, struct endpoint_list *ret,
			  struct reason *reason);

/* The endpoint that has address ip on that link of namespace number i. 0 or -errno; *ret is then unchanged. */
int endpoint_on(const struct net_snapshot *s, size_t i, const struct net_link *link, const struct net_ip *ip,
		struct endpoint *ret);

/* Returns 0 if e has a host side, else -ENOLINK with a reason. */
int endpoint_no_peer(const struct endpoint *e, struct reason *reason);
/* Whether a same-node check can be made of two endpoints: two pods, each with a host side, and both host sides in one
 * namespace that is neither pod's. 0, or -ENOLINK or -EINVAL with a reason. */
int endpoint_check_pair(const struct endpoint *src, const struct endpoint *dst, struct reason *reason);
/* Whether both devices of an endpoint that an earlier snapshot had are still where they were and named as they were,
 * and the address is on the pod's device. What else has been added since does not matter. 1, 0 or -errno. */
int endpoint_is_unchanged(const struct net_snapshot *s, const struct endpoint *e);
