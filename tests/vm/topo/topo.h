/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pieces of the topology helper. Everything returns 0 or -errno and has
 * said on stderr what went wrong; nothing here is owned by the caller.
 */
#ifndef TOPO_H
#define TOPO_H

#include <stdbool.h>
#include "pods.h"

#define TOPO_POD_IFNAME	 "eth0"
#define TOPO_POD_IFINDEX 12 /* in both pods, so that an ifindex alone names nothing */
#define TOPO_GATEWAY_V4	 "10.0.0.1"
#define TOPO_GATEWAY_V6	 "fe80::1"

struct pod {
	const char *netns;
	const char *host_ifname;
	int host_ifindex;
	const char *v4, *v6;
	const char *pod_mac, *host_mac; /* not on netkit, which has none */
};

extern const struct pod topo_pod_table[TOPO_PODS];

enum link_kind { LINK_VETH, LINK_NETKIT };
enum program { PROGRAM_NONE, PROGRAM_PEER, PROGRAM_REDIRECT, PROGRAM_NETKIT, PROGRAM_TAIL, PROGRAM_POLICY };
enum hook { HOOK_TC, HOOK_TCX, HOOK_NETKIT };

struct topology {
	const char *name;
	const char *summary;
	enum link_kind link;
	enum hook hook;
	enum program program[TOPO_PODS]; /* where pod N's packets enter the host */
	bool bridge;
	int min_kernel; /* major * 1000 + minor, 0: any */
};

/* Namespaces, links, addresses, routes; up replaces what was there. */
int topo_net_up(const struct topology *t);
int topo_net_down(void);

/* One pair of netkit devices, l3 mode, the pod's side dropping what no program takes. */
int topo_netkit_create(const struct pod *pod, int pod_netns_fd);

/* Waits until the kernel has both host-side links in operation. */
int topo_wait_links(void);

/* Loads and attaches; pins what would vanish with this process. */
int topo_programs_up(const struct topology *t);
void topo_programs_down(void);

#endif
