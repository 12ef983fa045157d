/* SPDX-License-Identifier: GPL-2.0-only */
/* The filters on addresses, over the words of an IP header, however these are read. */
#pragma once

#include "bpf/config.h"

/* w_be: the address */
static __always_inline int prefix_match(const volatile struct st_prefix *f, int family, const __u32 *w_be)
{
	if (f->family != family)
		return 0;
	if (f->family == 4) /* in 64 bits: else the compiler cuts off an upper half that there is not */
		return (w_be[0] & (__u64)f->mask_be[0]) == f->addr_be[0];
	return (w_be[0] & f->mask_be[0]) == f->addr_be[0] && (w_be[1] & f->mask_be[1]) == f->addr_be[1] &&
	       (w_be[2] & f->mask_be[2]) == f->addr_be[2] && (w_be[3] & f->mask_be[3]) == f->addr_be[3];
}

/* Where the addresses stand in the header, in words: RFC 791, RFC 8200. */
static __always_inline int match_src(const volatile struct st_prefix *f, int family, const __u32 *w_be)
{
	return prefix_match(f, family, w_be + (f->family == 4 ? 3 : 2));
}

static __always_inline int match_dst(const volatile struct st_prefix *f, int family, const __u32 *w_be)
{
	return prefix_match(f, family, w_be + (f->family == 4 ? 4 : 6));
}

/* w_be: the header, at least 20 bytes of family 4, 40 of family 6 */
static __always_inline int match_addrs(int family, const __u32 *w_be)
{
	if (st_cfg.src.family && !match_src(&st_cfg.src, family, w_be))
		return 0;
	if (st_cfg.dst.family && !match_dst(&st_cfg.dst, family, w_be))
		return 0;
	if (st_cfg.any.family && !match_src(&st_cfg.any, family, w_be) && !match_dst(&st_cfg.any, family, w_be))
		return 0;
	return 1;
}
