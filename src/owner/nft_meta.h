/* SPDX-License-Identifier: GPL-2.0-only */
/* What expressions load. Private to this room. */
#pragma once

#include "owner/nft.h"
#include "owner/truth.h"

/* The value of a NFT_META_* key at most 16 bytes long, as the kernel loads it. False: it is not known; *ret_len is its
 * length then, if that is known. mark_changes: the mark at the end need not be the one that the rule saw. */
bool nft_meta_value(const struct nft_packet *p, uint32_t key, bool mark_changes, uint8_t ret[static 16],
		    size_t *ret_len);
/* Whether the set has the key, of the set's length; *ret: the element, NULL if it has none. */
enum truth nft_set_find(const struct nft_set *set, const uint8_t *key, const struct nft_element **ret);
