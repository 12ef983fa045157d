/* SPDX-License-Identifier: GPL-2.0-only */
/* The packets of one recording, in the order of their numbers. */
#pragma once

#include "path/packet.h"

struct packet_list {
	struct packet *items; /* owned, with what they own */
	size_t n;
	size_t max;    /* 0: no limit */
	uint64_t lost; /* packets beyond max */
};
/* Appends a copy of the packet to the list ctx. 0 or -ENOMEM. May be used as packets_opts.on_packet. */
int packet_list_add(void *ctx, const struct packet *p);
void packet_list_clear(struct packet_list *list);
/* The packet of that number; NULL if there is none. */
const struct packet *packet_list_find(const struct packet_list *list, uint64_t pkt);
