/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a probe's registers tell of a call, which is the architecture's affair; the arguments are PT_REGS_PARM's.
 *
 * Theory of operation. A probe at a function's entry stands before the function has touched its stack. On x86-64 the
 * return address lies where the stack pointer points, and stays there while the function runs. On arm64 it is in a
 * register; a function that calls others stores it beside its caller's frame pointer, and its own frame pointer points
 * at the two (AAPCS64, 6.4.6), so that they make a chain. There the upper bits of what is stored may be a signature of
 * it (pointer authentication), in registers at entry they are not.
 */
#pragma once

#if defined(__TARGET_ARCH_arm64)
#define HAS_FRAME_CHAIN	     1
#define RETURN_ADDR_BYTES    0
#define PAC_SHIFT	     39 /* addresses of fewer bits have none; above may be the signature */
#define TRAMPOLINE_FRAME_MAX 10 /* arguments, result and saved registers before it, in pairs */
#else
#define HAS_FRAME_CHAIN	  0
#define RETURN_ADDR_BYTES 8 /* what a return takes from the stack */
#endif

/* Whether two return addresses, one of them maybe signed, are the same. */
static __always_inline int same_return(__u64 a, __u64 b)
{
#if HAS_FRAME_CHAIN
	return !((a ^ b) << (64 - PAC_SHIFT));
#else
	return a == b;
#endif
}

/* Where a call stands. */
struct place {
	__u64 sp; /* the stack pointer at the function's entry */
#if HAS_FRAME_CHAIN
	__u64 fp; /* its caller's frame */
#endif
};

static __always_inline struct place place_of(struct pt_regs *ctx)
{
#if HAS_FRAME_CHAIN
	return (struct place){.sp = PT_REGS_SP(ctx), .fp = PT_REGS_FP(ctx)};
#else
	return (struct place){.sp = PT_REGS_SP(ctx)};
#endif
}

/* Of what a program at a function's entry or exit runs for; ctx is its context, which lies on the stack. Above it on
 * arm64 the trampoline keeps two frames, one of the function's caller, and below it one of the function's own
 * (prepare_trampoline(), arch/arm64/net/bpf_jit_comp.c): the latter is where a word points just behind itself and the
 * next. */
static __always_inline struct place place_in_trampoline(__u64 ctx)
{
	struct place at = {.sp = ctx};

#if HAS_FRAME_CHAIN
#pragma unroll
	for (int i = 1; i <= TRAMPOLINE_FRAME_MAX; i++) {
		__u64 frame = (ctx & ~15ull) + 16 * i, word = 0;

		if (at.fp || bpf_probe_read_kernel(&word, sizeof(word), (const void *)frame))
			continue;
		if (word == frame + 16)
			at.fp = frame;
	}
#endif
	return at;
}

/* Of the function at whose entry the probe stands. 0 and *ret, or -1. */
static __always_inline int return_addr(struct pt_regs *ctx, __u64 *ret)
{
#if HAS_FRAME_CHAIN
	*ret = PT_REGS_RET(ctx);
	return 0;
#else
	return bpf_probe_read_kernel(ret, sizeof(*ret), (const void *)PT_REGS_SP(ctx)) ? -1 : 0;
#endif
}
