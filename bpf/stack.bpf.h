/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: which packet does a function work for that has no packet among its arguments?
 *
 * It works for the packet of the function that called it, or of that function's caller, and so on up the stack. For
 * each kernel stack, st_stacks has the calls that were recorded on it: their position on the stack, their return
 * address, and the packet as it was last seen. Of nested calls with the same packet, the outermost is enough.
 *
 * On x86-64 a recorded call still runs if it lies further up the stack than the current call and its return address is
 * still in its place. On arm64, where return addresses are in a register, it still runs if the chain of frames that
 * starts at the current call has its return address beside the frame pointer of its caller.
 *
 * Every probed call, whatever its packet, removes the recorded calls that do not lie further up the stack, because they
 * have ended. Otherwise an equal return address, left in the same place by a later call, could be taken for that of the
 * earlier call. If most functions are left out (--filter-func), this mistake remains possible.
 *
 * A stack is that of the running task or, in an interrupt, that of this CPU.
 */
#pragma once

#define STACKS_MAX  2048
#define STACK_CALLS 8	  /* most calls for different packets that are nested */
#define STACK_BYTES 16384 /* THREAD_SIZE of x86-64 and arm64, where KASAN does not double it */
#define FRAMES_MAX  48	  /* frames of the chain that are read */

struct stack_call {
	struct frame at;
	__u64 ret; /* the return address */
	struct record seen;
};

struct stack {
	__u64 n;
	struct stack_call calls[STACK_CALLS];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, STACKS_MAX);
	__type(key, __u64); /* the lowest address of the stack of the task, or 1 + the CPU */
	__type(value, struct stack);
} st_stacks SEC(".maps");

/* The stack on which each CPU runs now, for programs that must not use the map above: bpf/map_ops.bpf.h. */
struct stack_now {
	__u64 key;
	struct stack stack;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stack_now);
} st_now SEC(".maps");

const __u64 st_empty_stack[sizeof(struct stack) / 8] = {}; /* words: the skeleton does not know struct stack */

__u64 st_stack_lost; /* calls that could not be stored, or whose search ended before the chain did */

static __always_inline __u64 stack_key(__u64 sp)
{
	__u64 base = (__u64)BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), stack);

	return sp - base < STACK_BYTES ? base : 1 + bpf_get_smp_processor_id();
}

/* NULL: no recorded call is known on the stack that sp points into. */
static __always_inline struct stack *stack_find(__u64 sp)
{
	__u64 key = stack_key(sp);

	return bpf_map_lookup_elem(&st_stacks, &key);
}

/* NULL: sp points into a stack other than the one in st_now. */
static __always_inline struct stack *stack_here(__u64 sp)
{
	__u32 zero = 0;
	struct stack_now *now = bpf_map_lookup_elem(&st_now, &zero);

	return now && now->key == stack_key(sp) ? &now->stack : 0;
}

static __always_inline struct stack *stack_make_here(__u64 sp)
{
	__u32 zero = 0;
	struct stack_now *now = bpf_map_lookup_elem(&st_now, &zero);

	if (!now)
		return 0;
	now->key = stack_key(sp);
	now->stack.n = 0;
	return &now->stack;
}

#if HAS_FRAME_CHAIN
/* The innermost recorded call that the current call is part of. Calls that have ended are removed. NULL: none. */
static __always_inline struct stack_call *stack_top(struct stack *s, struct frame at)
{
	__u64 frame = at.fp;

	for (int i = 0; i < FRAMES_MAX; i++) {
		struct {
			__u64 fp, ret;
		} saved;
		__u64 last = s->n - 1;
		struct stack_call *c;

		if (last >= STACK_CALLS)
			return 0;
		c = &s->calls[last];
		if (frame >= c->at.sp) { /* the chain has passed the place of this call's frame */
			s->n = last;
			continue;
		}
		if (bpf_probe_read_kernel(&saved, sizeof(saved), (const void *)frame))
			return 0;
		if (saved.fp == c->at.fp && (same_return(saved.ret, c->ret) || is_trampoline(saved.ret)))
			return c;
		if (saved.fp <= frame)
			return 0;
		frame = saved.fp;
	}
	__sync_fetch_and_add(&st_stack_lost, 1); /* the call may be further up */
	return 0;
}
#else
static __always_inline int still_runs(const struct stack_call *c, __u64 sp)
{
	__u64 ret = 0;

	if (c->at.sp <= sp || bpf_probe_read_kernel(&ret, sizeof(ret), (const void *)c->at.sp))
		return 0;
	return ret == c->ret || is_trampoline(ret);
}

/* The innermost recorded call that the current call is part of. Calls that have ended are removed. NULL: none. */
static __always_inline struct stack_call *stack_top(struct stack *s, struct frame at)
{
#pragma unroll
	for (int i = STACK_CALLS - 1; i >= 0; i--) {
		if (i >= s->n)
			continue;
		if (still_runs(&s->calls[i], at.sp))
			return &s->calls[i];
		s->n = i;
	}
	return 0;
}
#endif

static __always_inline struct stack *stack_make(__u64 sp)
{
	__u64 key = stack_key(sp);

	bpf_map_update_elem(&st_stacks, &key, &st_empty_stack, BPF_NOEXIST);
	return bpf_map_lookup_elem(&st_stacks, &key);
}

/* Stores the current call, which is recorded, in s. 0, or -1 if s has no space. */
static __always_inline int stack_add(struct stack *s, struct pt_regs *ctx, const struct record *r)
{
	struct stack_call *top = stack_top(s, frame_of(ctx)), *c = 0;

	if (top && top->seen.e.skb == r->e.skb) {
		__builtin_memcpy(&top->seen, r, sizeof(top->seen));
		return 0;
	}
#pragma unroll
	for (int i = 0; !c && i < STACK_CALLS; i++) {
		if (i != s->n)
			continue;
		c = &s->calls[i];
		s->n = i + 1;
	}
	if (!c || return_addr(ctx, &c->ret))
		return -1;
	c->at = frame_of(ctx);
	__builtin_memcpy(&c->seen, r, sizeof(c->seen));
	return 0;
}

/* Starts an event inside the call c, on behalf of the packet of c. */
static __always_inline void stack_seen(const struct stack_call *c, __u32 source, struct record *r)
{
	__builtin_memcpy(r, &c->seen, sizeof(*r));
	r->e.ts_ns = bpf_ktime_get_ns();
	r->e.source = source;
	r->e.addr = 0;
}

static __always_inline void stack_note_in(struct stack *s, struct pt_regs *ctx, const struct record *r)
{
	if (!s || stack_add(s, ctx, r))
		__sync_fetch_and_add(&st_stack_lost, 1);
}

/* The two functions below are not inlined, because the stack of their callers is full. */

/* Whether the current call is part of a recorded call. */
static __attribute__((noinline)) int stack_enter(struct pt_regs *ctx)
{
	struct frame at = frame_of(ctx);
	struct stack *here = st_cfg.maps ? stack_here(at.sp) : 0, *s = stack_find(at.sp);

	if (here)
		stack_top(here, at); /* removes the calls that have ended */
	return s && stack_top(s, at);
}

/* Stores the current call, which is recorded itself. */
static __attribute__((noinline)) int stack_note(struct pt_regs *ctx, const struct record *r)
{
	__u64 sp = PT_REGS_SP(ctx);
	struct stack *s = stack_find(sp);

	stack_note_in(s ? s : stack_make(sp), ctx, r);
	if (!st_cfg.maps)
		return 0;
	s = stack_here(sp);
	stack_note_in(s ? s : stack_make_here(sp), ctx, r);
	return 0;
}
