/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the namespaces, links and addresses of this machine into a struct net_snapshot (net/endpoint.h). */
#pragma once

#include "base/reason.h"
#include "net/endpoint.h"

/* Reads each namespace. One that vanishes meanwhile has empty tables; those that may not be read are counted in
 * list.n_unreadable. -errno with a reason, such as -EPERM without the privilege to enter other namespaces; *ret is then
 * unchanged. The snapshot keeps at most two file descriptors open. */
int net_snapshot_load(struct net_snapshot **ret, struct reason *reason);
void net_snapshot_free(struct net_snapshot *s);
DEFINE_CLEANUP(struct net_snapshot *, net_snapshot_free)
