/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Expressions over a packet's sk_buff, written as in C: `skb->dev->mtu > 1500 && skb->mark & 0xf00`.
 *
 * The only variable is skb. There are members (-> and .), constant indexes, * and casts to pointers and integers; the
 * operators || && | ^ & == != < <= > >= << >> + - * ! ~ - with C's precedence; integers in decimal, octal and
 * hexadecimal; ntohs(), ntohl(), htons(), htonl(). There is no division. All arithmetic is done in 64 bits, and
 * comparisons are by value, also where C converts to unsigned 32 bits. A read of memory can fail, and then the
 * expression has no value.
 */
#pragma once

#include "filter/ebpf.h"
#include "filter/skb_types.h"

/* An error in an expression. */
struct skb_error {
	size_t column; /* bytes from the start of the expression */
	char text[160];
};

struct skb_value_kind {
	bool is_signed, is_pointer;
};

#define SKB_VALUES_MAX 8

/* The body of `u64 match(u64 skb, u64 unused)`, which returns nonzero if the expression has a value other than 0.
 * -EINVAL, or -E2BIG if it needs more than max_insns instructions, both with *ret_error; -ENOMEM. */
int skb_filter_compile(const char *text, const struct skb_types *types, size_t max_insns, struct ebpf_prog *ret,
		       struct skb_error *ret_error);

/* The body of `u64 value(u64 skb, u64 which)`. For which = 2 * i it returns the value of expression i, or 0 if it has
 * none; for which = 2 * i + 1 whether expression i has a value. n: at most SKB_VALUES_MAX. Errors as above; *ret_bad:
 * the index of the expression with the error. */
int skb_values_compile(const char *const *texts, size_t n, const struct skb_types *types, size_t max_insns,
		       struct ebpf_prog *ret, struct skb_value_kind *ret_kinds, size_t *ret_bad,
		       struct skb_error *ret_error);
