/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs that run when traced functions return: see bpf/returns.bpf.h. */
#pragma once

static __always_inline int send_return(void *ctx, struct record *r, __u64 value)
{
	r->e.ts_ns = bpf_ktime_get_ns();
	r->e.value = value;
	r->e.source = ST_SRC_RETURN;
	send(ctx, r, ST_ADDRS_MAX, ST_SRC_RETURN, 0, 0);
	return 0;
}

SEC("kprobe")
int multi_returned(struct pt_regs *ctx)
{
	struct record r;

	if (!is_on() || call_ends(returned_from(ctx), bpf_get_func_ip(ctx), &r))
		return 0;
	return send_return(ctx, &r, PT_REGS_RC(ctx));
}

SEC("kprobe")
int returned(struct pt_regs *ctx)
{
	struct record r;

	if (!is_on() || last_call_ends(returned_from(ctx), &r))
		return 0;
	return send_return(ctx, &r, PT_REGS_RC(ctx));
}
