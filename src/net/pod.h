/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of Kubernetes pods, from the files that CNI plugins keep on a node. */
#pragma once

#include <stddef.h>

#include "net/link.h"

#define POD_IPS_MAX 8

struct pod {
	char *name;	  /* owned; NAMESPACE/NAME, or NAME where the namespace is not known */
	char *netns_name; /* owned; name of its network namespace under /run/netns; NULL unknown */
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
 * Parse the contents of one file. -EBADMSG: not JSON of that kind; -ENOENT: it names no pod or no address; -ENOMEM;
 * *ret is then unchanged. pod_parse_cni(): an entry of CNI's cache (containernetworking/cni, libcni/api.go, cachedInfo,
 * "kind": "cniCacheV1"). pod_parse_cilium(): Cilium's ep_config.json (cilium, pkg/endpoint/restore.go,
 * serializableEndpoint).
 */
int pod_parse_cni(const void *data, size_t size, struct pod *ret);
int pod_parse_cilium(const void *data, size_t size, struct pod *ret);

/* Reads the files of CNI and Cilium below the directory root ("": the machine's own), up to a number of files and a
 * size of each. Skips files that cannot be read or parsed. 0 or -ENOMEM. */
int pod_table_load(const char *root, struct pod_table *ret);
/* Name of the pod with this address, borrowed; NULL: none. A pod in a network namespace of another name is skipped; a
 * name that is not known (NULL, here or in the table) matches every name. */
const char *pod_table_find(const struct pod_table *t, const char *netns_name, const struct net_ip *ip);

/* Whether wanted is the pod's name with or without its Kubernetes namespace. pod NULL: unknown, false. */
bool pod_name_matches(const char *pod, const char *wanted);
