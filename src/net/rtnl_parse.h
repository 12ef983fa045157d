/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses the answers of rtnetlink into tables. Pure. Layouts: linux/netlink.h, linux/rtnetlink.h, linux/if_link.h,
 * linux/if_addr.h, linux/net_namespace.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/link.h"
#include "net/nlmsg.h"

/* Appends the link or address of one message to the struct net_tables at tables; skips other types. For nl_parse(). */
int rtnl_parse_message(void *tables, uint16_t type, struct rd *payload);

/*
 * Reads one datagram (aligned to 4 bytes) of the answer to request `seq`, and appends its links and addresses to t.
 * Messages of other requests and types are skipped. -EBADMSG if a length is wrong, the kernel's own -errno if it
 * answered with an error, -ENOMEM. On failure t keeps the links and addresses before the fault.
 */
int rtnl_parse_tables(const void *data, size_t size, uint32_t seq, struct net_tables *t, struct nl_answer *ret);
/* Reads one datagram of the answer to RTM_GETNSID. Errors as above, and -ENOENT: the other namespace has no id here. */
int rtnl_parse_nsid(const void *data, size_t size, uint32_t seq, int32_t *ret_nsid);
