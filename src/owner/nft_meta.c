/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/nft_meta.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

static bool give(const void *data, size_t len, bool known, uint8_t *ret, size_t *ret_len)
{
	memcpy(ret, data, len);
	*ret_len = len;
	return known;
}

bool nft_meta_value(const struct nft_packet *p, uint32_t key, bool mark_changes, uint8_t ret[static 16],
		    size_t *ret_len)
{
	uint16_t proto_be = htons(p->proto);

	switch (key) {
	case NFT_META_L4PROTO:
		return give(&p->l4, 1, p->has_l4, ret, ret_len);
	case NFT_META_NFPROTO:
		return give(&p->nfproto, 1, p->nfproto, ret, ret_len);
	case NFT_META_PROTOCOL:
		return give(&proto_be, 2, p->proto, ret, ret_len);
	case NFT_META_MARK:
		return give(&p->mark, 4, p->has_mark && !mark_changes, ret, ret_len);
	case NFT_META_LEN:
		return give(&p->len_bytes, 4, p->has_len, ret, ret_len);
	case NFT_META_IIF:
		return give(&p->iif, 4, p->has_iif, ret, ret_len);
	case NFT_META_OIF:
		return give(&p->oif, 4, p->has_oif, ret, ret_len);
	case NFT_META_IIFNAME:
		return give(p->iifname, 16, p->has_iif, ret, ret_len);
	case NFT_META_OIFNAME:
		return give(p->oifname, 16, p->has_oif, ret, ret_len);
	default:
		*ret_len = 16;
		return false;
	}
}

/* Of an interval set each element begins an interval, or ends the one before (net/netfilter/nft_set_rbtree.c). */
static const struct nft_element *find_interval(const struct nft_set *set, const uint8_t *key)
{
	const struct nft_element *best = NULL;

	for (size_t i = 0; i < set->n; i++) {
		const struct nft_element *e = &set->v[i];
		int d;

		if (e->catchall || memcmp(e->key, key, set->key_bytes) > 0)
			continue;
		d = best ? memcmp(e->key, best->key, set->key_bytes) : 1;
		if (d > 0 || (d == 0 && best->interval_end))
			best = e;
	}
	return best && !best->interval_end ? best : NULL;
}

enum truth nft_set_find(const struct nft_set *set, const uint8_t *key, const struct nft_element **ret)
{
	const struct nft_element *catchall = NULL, *found = NULL;

	*ret = NULL;
	if (!set->complete || set->key_bytes > NFT_KEY_BYTES)
		return TRUTH_UNKNOWN;
	for (size_t i = 0; i < set->n; i++) {
		const struct nft_element *e = &set->v[i];

		/* with an end: ranges of several fields, whose lengths are not read here */
		if (e->catchall)
			catchall = e;
		else if (e->key_end_bytes || e->key_bytes < set->key_bytes)
			return TRUTH_UNKNOWN;
		else if (!(set->flags & NFT_SET_INTERVAL) && memcmp(e->key, key, set->key_bytes) == 0)
			found = e;
	}
	if (set->flags & NFT_SET_INTERVAL)
		found = find_interval(set, key);
	*ret = found ? found : catchall;
	return truth_of(*ret);
}
