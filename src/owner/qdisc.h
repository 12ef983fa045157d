/* SPDX-License-Identifier: GPL-2.0-only */
/* The queueing disciplines of a namespace, as rtnetlink tells them. Pure. */
#pragma once

#include "net/nlmsg.h"

struct owner_qdisc {
	uint32_t ifindex, handle, parent;
	char kind[16];
	bool has_stats, has_limit, limit_in_bytes; /* else the limit is in packets */
	uint64_t drops, limit;
	uint32_t loss_permille; /* of netem, that it makes on purpose */
};

struct qdisc_list {
	struct owner_qdisc *v; /* owned */
	size_t n;
};

/* Takes a qdisc; skips other messages. For nl_parse(); ctx: struct qdisc_list. */
int qdisc_parse_message(void *ctx, uint16_t type, struct rd *payload);
