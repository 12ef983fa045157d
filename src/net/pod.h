/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of Kubernetes pods, from what the CNI leaves on a node. */
#pragma once

#include <stddef.h>

#include "net/link.h"

#define POD_IPS_MAX 8

struct pod {
	char *name;	  /* owned; NAMESPACE/NAME, or NAME where the namespace is not known */
	char *netns_name; /* owned; the namespace's name under /run/netns; NULL unknown */
	struct net_ip ips[POD_IPS_MAX];
	size_t n_ips;
};

struct pod_table {
	struct pod *v; /* owned */
	size_t n;
};

void pod_clear(struct pod *pod);
void pod_table_free(struct pod_table *t);

/*
 * One file each, as bytes. -EBADMSG: not JSON of that kind; -ENOENT: it is, but names no pod or no address; -ENOMEM;
 * *ret is then left alone.
 * CNI's cache: containernetworking/cni, libcni/api.go, cachedInfo ("kind": "cniCacheV1").
 * Cilium's endpoint state: cilium, pkg/endpoint/restore.go, serializableEndpoint (ep_config.json).
 */
int pod_parse_cni(const void *data, size_t size, struct pod *ret);
int pod_parse_cilium(const void *data, size_t size, struct pod *ret);

/* Reads what there is under root ("" for the machine's own), bounded in files and bytes; unreadable and foreign files
 * are skipped. 0 or -ENOMEM. */
int pod_table_load(const char *root, struct pod_table *ret);
/* The pod with this address whose namespace, as far as both are known, has this name. Borrowed; NULL: none. */
const char *pod_table_find(const struct pod_table *t, const char *netns_name, const struct net_ip *ip);
