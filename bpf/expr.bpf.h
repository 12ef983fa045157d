/* SPDX-License-Identifier: GPL-2.0-only */
/* The user's expressions over the sk_buff. Before the load, user space writes their code over the functions below, as
 * it does in bpf/pcap.bpf.h. */
#pragma once

#include "bpf/kernel.h"
#include "bpf/event.h"

const volatile __u8 st_skb_expr = 0;  /* there is a filter expression */
const volatile __u32 st_n_values = 0; /* number of expressions whose values are shown */

#define EXPR_CAPACITY(name)                                                                                            \
	__attribute__((noinline)) __u64 name(__u64 skb, __u64 which)                                                   \
	{                                                                                                              \
		__u64 value;                                                                                           \
                                                                                                                       \
		asm volatile("%0 = 0; if %0 == 0 goto +1020; .rept 1020; %0 = %0; .endr"                               \
			     : "=r"(value)                                                                             \
			     : "r"(skb), "r"(which));                                                                  \
		return value;                                                                                          \
	}

EXPR_CAPACITY(st_skb_match) /* `which` is not used */
EXPR_CAPACITY(st_skb_value) /* which == 2 * i: the value of expression i; 2 * i + 1: whether it has one */

static __always_inline int match_expr(const struct sk_buff *skb)
{
	return !st_skb_expr || st_skb_match((__u64)skb, 0);
}

static __always_inline void read_values(const struct sk_buff *skb, struct st_values *v)
{
	v->valid = 0;
	v->n = st_n_values;
#pragma unroll
	for (__u32 i = 0; i < ST_VALUES_MAX; i++) {
		v->value[i] = 0;
		if (i >= st_n_values)
			continue;
		v->value[i] = st_skb_value((__u64)skb, 2 * i);
		if (st_skb_value((__u64)skb, 2 * i + 1))
			v->valid |= 1u << i;
	}
}
