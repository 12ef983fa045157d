/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rtnetlink answers to tables. Pure: bytes in, tables out. Layouts: linux/netlink.h, linux/rtnetlink.h,
 * linux/if_link.h, linux/if_addr.h, linux/net_namespace.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/link.h"

/* What one datagram of an answer said. */
struct net_answer {
	bool done;	  /* the last message of a dump, or an acknowledgement, was among them */
	bool interrupted; /* NLM_F_DUMP_INTR: the tables changed while they were dumped */
};

/*
 * Reads one datagram (aligned to 4 bytes) of the answer to request `seq`, and appends its links and addresses to t.
 * Messages of other requests and types are skipped. -EBADMSG if anything is shorter or longer than it claims, the
 * kernel's own -errno if it answered with an error, -ENOMEM. On failure t holds what came before the fault.
 */
int net_parse_tables(const void *data, size_t size, uint32_t seq, struct net_tables *t, struct net_answer *ret);
/* The same for the answer to RTM_GETNSID. -ENOENT: that namespace has no id here. */
int net_parse_nsid(const void *data, size_t size, uint32_t seq, int32_t *ret_nsid);
