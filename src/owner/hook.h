/* SPDX-License-Identifier: GPL-2.0-only */
/* The netfilter hook at which a packet was dropped. Private to this room. */
#pragma once

#include "owner/owner.h"

struct drop_hook {
	uint8_t pf; /* NFPROTO_*; 0: unknown */
	bool has_number;
	uint32_t number;		  /* NF_INET_*, or the hook of another family */
	const struct st_netfilter *chain; /* NULL: any of the hook */
};

/* Appends the rules and policies of the older iptables that may have dropped it there. */
void owner_find_iptables(const struct node_state *s, const struct drop_hook *h, const struct nft_packet *p,
			 struct owner_list *l);
