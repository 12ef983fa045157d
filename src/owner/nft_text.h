/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of what expressions load, as nft(8) has them; in brackets what is not named here. Private to this room. */
#pragma once

#include <stdint.h>

const char *nft_meta_name(uint32_t key); /* NFT_META_* */
const char *nft_ct_name(uint32_t key);	 /* NFT_CT_* */
