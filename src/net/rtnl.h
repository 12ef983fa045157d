/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rtnetlink in any network namespace.
 *
 * A netlink socket stays in the namespace in which it was created. So the calling thread enters the other namespace
 * for one socket(2) call only, and uses the socket from its own namespace. setns(2) moves one thread: other threads of
 * the process are not affected.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/nlmsg.h"

struct rtnl;

/* -ENOENT: the namespace is gone. -EPERM or -EACCES: no privilege (CAP_SYS_ADMIN). -ENOTRECOVERABLE: the thread could
 * not return to its own namespace; end the program then. */
int rtnl_open(const struct netns *ns, struct rtnl **ret);
/* The same for another protocol, NETLINK_*; rtnl_ask() then asks that one. */
int rtnl_open_protocol(const struct netns *ns, int protocol, struct rtnl **ret);
void rtnl_close(struct rtnl *rtnl);
DEFINE_CLEANUP(struct rtnl *, rtnl_close)

/* Sends a request and calls fn with the messages of the answer (nl_parse()), up to the last one or an error. 0 or
 * -errno. *ret_interrupted: the kernel's tables changed during the dump. */
int rtnl_ask(struct rtnl *rtnl, struct nlmsghdr *request, nl_message_fn fn, void *ctx, bool *ret_interrupted);

/* All links and addresses, sorted; the caller frees *ret. -EAGAIN: they changed during each of the dumps. */
int rtnl_dump(struct rtnl *rtnl, struct net_tables *ret);
/* One link with its counters. -ENODEV: no such link. */
int rtnl_get_link(struct rtnl *rtnl, uint32_t ifindex, struct net_link *ret);
/* The id (nsid) that this socket's namespace has assigned to the namespace of netns_fd. -ENOENT: none. */
int rtnl_get_nsid(struct rtnl *rtnl, int netns_fd, int32_t *ret_nsid);
