/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the expressions of one rule. Private to this room. */
#pragma once

#include "owner/nft.h"
#include "owner/truth.h"

#define NFT_REG_BYTES 80 /* the verdict, four registers of 16 bytes; the sixteen of 4 bytes lie over these */

struct nft_machine {
	const struct nft_ruleset *set;
	const struct nft_packet *packet;
	const struct nft_rule *rule;
	uint8_t data[NFT_REG_BYTES];
	bool known[NFT_REG_BYTES];
	enum truth matches;
	bool ends;	 /* there is a verdict */
	bool may_drop;	 /* the verdict is not known, and may be a drop */
	int32_t verdict; /* valid with ends */
	char chain[NFT_NAME_LEN];
};

/* Sets matches, ends, may_drop, verdict and chain. set and packet are set before. */
void nft_run_rule(struct nft_machine *m, const struct nft_rule *rule);
