/* SPDX-License-Identifier: GPL-2.0-only */
/* The filters of tc on the way in and out of devices, as rtnetlink tells them. Pure. */
#pragma once

#include "net/nlmsg.h"

#define FILTER_ACTIONS_LEN 64

struct tc_filter {
	uint32_t ifindex, parent, handle;
	uint16_t priority;
	char kind[16];
	bool is_program;		  /* a BPF program decides, and may drop */
	char actions[FILTER_ACTIONS_LEN]; /* its actions that may drop, "gact drop"; "" none */
	uint64_t drops;			  /* by these actions */
};

struct tc_filter_list {
	struct tc_filter *v; /* owned */
	size_t n;
};

/* Takes a filter; skips other messages. For nl_parse(); ctx: struct tc_filter_list. */
int filter_parse_message(void *ctx, uint16_t type, struct rd *payload);
