/* SPDX-License-Identifier: GPL-2.0-only */
/* This machine's namespaces, links and addresses at one moment, for endpoint.h to search. */
#pragma once

#include "base/reason.h"
#include "net/endpoint.h"

/* Visits every namespace. What vanishes meanwhile is left out; what may not be read is counted in
 * list.n_unreadable. -errno with a reason, e.g. -EPERM without the privilege to enter other namespaces; *ret is then
 * left alone. Holds at most two descriptors, until freed. */
int net_snapshot_load(struct net_snapshot **ret, struct reason *reason);
void net_snapshot_free(struct net_snapshot *s);
DEFINE_CLEANUP(struct net_snapshot *, net_snapshot_free)
