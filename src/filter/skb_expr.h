/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Expressions over a packet's sk_buff, written as in C: `skb->dev->mtu > 1500 && skb->mark & 0xf00`.
 *
 * There is one variable, skb. Members by -> and ., constant indexes, * and casts to other pointers and integers;
 * || && | ^ & == != < <= > >= << >> + - * ! ~ - with C's precedence; integers in decimal, octal and hexadecimal;
 * ntohs(), ntohl(), htons(), htonl(). All arithmetic is done in 64 bits; what C would compare as unsigned 32 bits is
 * compared by value. Nothing is divided. Every access is a read that may fail: then the expression has no value.
 */
#pragma once

#include "filter/ebpf.h"
#include "filter/skb_types.h"

/* What is wrong, and where in the expression. */
struct skb_error {
	size_t column; /* bytes from its start */
	char text[160];
};

struct skb_value_kind {
	bool is_signed, is_pointer;
};

#define SKB_VALUES_MAX 8

/* The body of `u64 match(u64 skb, u64 unused)`: not 0 if the expression has a value and that is not 0. -EINVAL with
 * *ret_error, -E2BIG if it needs more than max_insns (likewise), -ENOMEM. */
int skb_filter_compile(const char *text, const struct skb_types *types, size_t max_insns, struct ebpf_prog *ret,
		       struct skb_error *ret_error);

/* The body of `u64 value(u64 skb, u64 which)`: for which = 2 * i the value of the i-th expression, 0 if it has none;
 * for 2 * i + 1 whether it has one. n: at most SKB_VALUES_MAX; *ret_bad: which expression was refused. */
int skb_values_compile(const char *const *texts, size_t n, const struct skb_types *types, size_t max_insns,
		       struct ebpf_prog *ret, struct skb_value_kind *ret_kinds, size_t *ret_bad,
		       struct skb_error *ret_error);
