/* SPDX-License-Identifier: GPL-2.0-only */
/* The filters on addresses, over the words of an IP header, however these are read. */
#pragma once

#include "bpf/config.h"

/* Most filters are whole addresses, and to say so apart spares the mask: half of what a comparison costs. */
static __always_inline int word_match(const volatile struct st_prefix *f, int word, __u32 w_be)
{
	if (f->mask_be[word] == ~0u)
		return w_be == f->addr_be[word];
	/* in 64 bits: else the compiler cuts off an upper half that there is not */
	return (w_be & (__u64)f->mask_be[word]) == f->addr_be[word];
}

/* w_be: the header; v4, v6: the words of it where the address begins. They are constants, so that no address is
 * computed of what is on the stack anyway. */
static __always_inline int prefix_match(const volatile struct st_prefix *f, int family, const __u32 *w_be, const int v4,
					const int v6)
{
	if (f->family != family)
		return 0;
	if (f->family == 4)
		return word_match(f, 0, w_be[v4]);
	return word_match(f, 0, w_be[v6]) && word_match(f, 1, w_be[v6 + 1]) && word_match(f, 2, w_be[v6 + 2]) &&
	       word_match(f, 3, w_be[v6 + 3]);
}

/* RFC 791, RFC 8200 */
static __always_inline int match_src(const volatile struct st_prefix *f, int family, const __u32 *w_be)
{
	return prefix_match(f, family, w_be, 3, 2);
}

static __always_inline int match_dst(const volatile struct st_prefix *f, int family, const __u32 *w_be)
{
	return prefix_match(f, family, w_be, 4, 6);
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
