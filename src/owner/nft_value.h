/* SPDX-License-Identifier: GPL-2.0-only */
/* What an expression compares, and with which values, as nft(8) writes them. Private to this room. */
#pragma once

#include "owner/nft.h"

/* What a register holds. */
struct nft_source {
	enum { NFT_SRC_NONE, NFT_SRC_PAYLOAD, NFT_SRC_META, NFT_SRC_CT, NFT_SRC_OTHER } kind;
	uint32_t base, offset, len; /* NFT_SRC_PAYLOAD, bytes */
	uint32_t key;		    /* NFT_META_*, NFT_CT_* */
	char other[16];		    /* the expression's name */
	bool masked;
	uint8_t mask[16];
	size_t mask_len;
};

/* The protocols that the expressions before have asked for. */
struct nft_context {
	uint8_t nfproto; /* NFPROTO_*; 0: either */
	uint8_t l4;	 /* 0: any */
};

struct out;
/* "ip saddr", "tcp dport", "meta mark & 0xff". */
void nft_source_text(const struct nft_source *s, const struct nft_context *c, struct out *o);
/* A value of it: an address, a port, a name, or hexadecimal digits. */
void nft_source_value(const struct nft_source *s, const struct nft_context *c, const uint8_t *v, size_t len,
		      struct out *o);
/* What the rule looks up in: "@NAME", or the elements in braces. */
void nft_set_text(const struct nft_set *set, const struct nft_source *s, const struct nft_context *c, struct out *o);
/* "accept", "jump CHAIN". */
void nft_verdict_text(int32_t verdict, const char *chain, struct out *o);
