/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel boundary of this room: rtnetlink in any network namespace.
 *
 * A netlink socket belongs for life to the namespace its creator was in at that moment. So the calling thread visits
 * the other namespace for one socket(2) call only and talks to it from home afterwards. Other threads of the process
 * are not affected (setns(2) moves one thread), but must not rely on this thread's namespace meanwhile.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "net/link.h"
#include "net/netns.h"

struct rtnl;

/* -ENOENT: the namespace is gone. -EPERM or -EACCES: no privilege (CAP_SYS_ADMIN). -ENOTRECOVERABLE: the thread could
 * not return to its own namespace; give up then. */
int rtnl_open(const struct netns *ns, struct rtnl **ret);
void rtnl_close(struct rtnl *rtnl);
DEFINE_CLEANUP(struct rtnl *, rtnl_close)

/* All links and addresses, sorted; the caller frees *ret. -EAGAIN: they kept changing while they were read. */
int rtnl_dump(struct rtnl *rtnl, struct net_tables *ret);
/* One link as it is now, with its counters. -ENODEV: no such link. */
int rtnl_get_link(struct rtnl *rtnl, uint32_t ifindex, struct net_link *ret);
/* The id by which this socket's namespace calls the one netns_fd refers to. -ENOENT: it has none for it. */
int rtnl_get_nsid(struct rtnl *rtnl, int netns_fd, int32_t *ret_nsid);
