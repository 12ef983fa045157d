/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF programs of the topologies know of the two pods. Included by
 * both sides; the loader fills it in before it loads the programs.
 */
#ifndef TOPO_PODS_H
#define TOPO_PODS_H

#include <linux/types.h>

#define TOPO_PODS 2

struct topo_pod {
	__u32 host_ifindex; /* lxcN, in the host's namespace */
	__be32 v4_be;
	__u8 v6[16];
	__u8 pod_mac[6];  /* of eth0 in the pod */
	__u8 host_mac[6]; /* of lxcN */
};

#endif
