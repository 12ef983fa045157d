/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs attached to kernel functions: one for each argument that can be the packet, for each way to attach. */
#pragma once

static __always_inline const struct sk_buff *deref(const void *pskb)
{
	const struct sk_buff *skb = 0;

	bpf_probe_read_kernel(&skb, sizeof(skb), pskb);
	return skb;
}

#define SKB_ARG(n)                                                                                                     \
	SEC("kprobe")                                                                                                  \
	int skb##n(struct pt_regs *ctx)                                                                                \
	{                                                                                                              \
		return trace_call(ctx, (const struct sk_buff *)PT_REGS_PARM##n(ctx), 0, AT_IP, ST_SRC_KPROBE, 0, 0);   \
	}                                                                                                              \
	SEC("kprobe")                                                                                                  \
	int pskb##n(struct pt_regs *ctx) /* struct sk_buff ** */                                                       \
	{                                                                                                              \
		return trace_call(ctx, deref((const void *)PT_REGS_PARM##n(ctx)), 0, AT_IP, ST_SRC_KPROBE, 0, 0);      \
	}

SKB_ARG(1)
SKB_ARG(2)
SKB_ARG(3)
SKB_ARG(4)
SKB_ARG(5)

/* The programs for kprobe.multi. Nearly all functions have the packet among their first three arguments. These programs
 * need no cookie, so a packet that does not match is cheaper: to return a cookie, the kernel searches for the address
 * of the function. */
#define MULTI_ARG(n)                                                                                                   \
	SEC("kprobe")                                                                                                  \
	int multi##n(struct pt_regs *ctx)                                                                              \
	{                                                                                                              \
		return trace_call(ctx, (const struct sk_buff *)PT_REGS_PARM##n(ctx), 0, AT_MULTI, ST_SRC_KPROBE, 0,    \
				  0);                                                                                  \
	}

MULTI_ARG(1)
MULTI_ARG(2)
MULTI_ARG(3)

/* All arguments are read before one is chosen. Otherwise the compiler computes an offset into ctx, which the verifier
 * refuses. */
static __always_inline const void *arg_at(struct pt_regs *ctx, __u32 slot)
{
	__u64 arg[] = {PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx), PT_REGS_PARM4(ctx),
		       PT_REGS_PARM5(ctx)};

	barrier_var(arg[0]);
	barrier_var(arg[1]);
	barrier_var(arg[2]);
	barrier_var(arg[3]);
	barrier_var(arg[4]);
	return (const void *)(slot == 1	  ? arg[0]
			      : slot == 2 ? arg[1]
			      : slot == 3 ? arg[2]
			      : slot == 4 ? arg[3]
					  : arg[4]);
}

/* For functions whose packet is any other argument. The cookie says which argument it is: ST_COOKIE_ARG_SHIFT. */
SEC("kprobe")
int any_arg(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u32 how = cookie >> ST_COOKIE_ARG_SHIFT;
	const void *arg = arg_at(ctx, how & ~ST_COOKIE_INDIRECT);
	const struct sk_buff *skb = how & ST_COOKIE_INDIRECT ? deref(arg) : arg;

	return trace_skb(ctx, skb, cookie | ST_COOKIE_TOP, ST_SRC_KPROBE, 0, 0);
}

/* For functions without a packet argument. late: kprobe.multi attaches the program, and a helper returns the address of
 * the function. */
static __always_inline int trace_no_skb(struct pt_regs *ctx, const int late)
{
	struct frame at = frame_of(ctx);
	struct stack_call *top;
	struct stack *stack;
	struct record r;

	if (!is_on())
		return 0;
	stack = stack_find(at.sp);
	top = stack ? stack_top(stack, at) : 0;
	if (!top)
		return 0;
	stack_seen(top, ST_SRC_CALL, &r);
	r.e.addr = late ? bpf_get_func_ip(ctx) : PT_REGS_IP(ctx);
	if (st_cfg.returns)
		call_begins(ctx, call_location(ctx), &r);
	send(ctx, &r, ST_ADDRS_MAX, ST_SRC_CALL, 0, 0);
	return 0;
}

SEC("kprobe")
int no_skb(struct pt_regs *ctx)
{
	return trace_no_skb(ctx, 0);
}

SEC("kprobe")
int multi_no_skb(struct pt_regs *ctx)
{
	return trace_no_skb(ctx, 1);
}
