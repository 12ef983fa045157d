/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the registers at a probe say about the call. This depends on the architecture. Arguments are read with libbpf's
 * PT_REGS_PARM1() to PT_REGS_PARM5().
 *
 * Theory of operation. A probe at a function's entry fires before the function has changed its stack. On x86-64 the
 * stack pointer then points at the return address, which stays there while the function runs.
 *
 * On arm64 the return address is in a register. A function that calls others stores it beside the frame pointer of its
 * caller, and its own frame pointer points at this pair (AAPCS64, 6.4.6). So the pairs make a chain. The upper bits of
 * a stored return address may hold a signature (pointer authentication). In the registers at entry the address is not
 * signed.
 */
#pragma once

#if defined(__TARGET_ARCH_arm64)
#define HAS_FRAME_CHAIN	     1
#define RETURN_ADDR_BYTES    0
#define PAC_SHIFT	     39 /* the bits below belong to the address; the others may hold the signature */
#define TRAMPOLINE_FRAME_MAX 10 /* in units of 16 bytes; before the frame are arguments, result, saved registers */
#else
#define HAS_FRAME_CHAIN	  0
#define RETURN_ADDR_BYTES 8 /* bytes that a return pops off the stack */
#endif

/* Whether two return addresses are the same. One of them may be signed. */
static __always_inline int same_return(__u64 a, __u64 b)
{
#if HAS_FRAME_CHAIN
	return !((a ^ b) << (64 - PAC_SHIFT));
#else
	return a == b;
#endif
}

/* The position of a call on the stack. */
struct frame {
	__u64 sp; /* the stack pointer at the function's entry */
#if HAS_FRAME_CHAIN
	__u64 fp; /* the frame pointer at the function's entry: the caller's */
#endif
};

static __always_inline struct frame frame_of(struct pt_regs *ctx)
{
#if HAS_FRAME_CHAIN
	return (struct frame){.sp = PT_REGS_SP(ctx), .fp = PT_REGS_FP(ctx)};
#else
	return (struct frame){.sp = PT_REGS_SP(ctx)};
#endif
}

/* The position of the function that a fentry or fexit program runs for. ctx is the context of the program and lies on
 * the stack. On arm64 the trampoline stores two frames above ctx: one of the function, and directly above that, one of
 * its caller (prepare_trampoline(), arch/arm64/net/bpf_jit_comp.c). The first word of the lower frame is a pointer to
 * the upper frame, which begins 16 bytes further up; the search recognises the lower frame by this pointer. */
static __always_inline struct frame frame_in_trampoline(__u64 ctx)
{
	struct frame at = {.sp = ctx};

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

/* Reads the return address of the function at whose entry the probe fired. Returns 0 and sets *ret, or returns -1. */
static __always_inline int return_addr(struct pt_regs *ctx, __u64 *ret)
{
#if HAS_FRAME_CHAIN
	*ret = PT_REGS_RET(ctx);
	return 0;
#else
	return bpf_probe_read_kernel(ret, sizeof(*ret), (const void *)PT_REGS_SP(ctx)) ? -1 : 0;
#endif
}
