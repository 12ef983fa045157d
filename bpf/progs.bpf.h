/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF programs on the path of a packet: their entry, their exit with the verdict, and the redirect helpers they call.
 *
 * Theory of operation. A fentry or fexit program must name the program it attaches to when it is loaded. So the four
 * programs made by PROG_TEMPLATE below are templates. User space takes their instructions once libbpf has relocated
 * them, writes the numbers of one target in place of the ST_PATCH_* constants, and loads a copy for each function of
 * each target (src/kern/progs/prog_watch.c). The templates are in the object of the trace, so the copies share its
 * filters, ring and counters. libbpf relocates only what it loads, so it loads the templates unchanged, as raw
 * tracepoint programs, whose context is an array of u64 as well. A helper reads the arguments from the context: then
 * they are numbers to the verifier, whatever type the target's BTF gives them.
 *
 * A BPF helper has no packet among its arguments. So each CPU has a stack of the programs that run on it: an entry
 * pushes a program, its exit pops it. Programs run with bottom halves disabled, and nest only where
 * bpf_clone_redirect() sends a packet through another program. If the entry was not seen, because the program was
 * attached while the target ran, the exit finds nothing on the stack and applies the filters itself.
 *
 * A tail call enters a program behind the place where fentry is attached, so the entry of that program is not seen. Its
 * calls of helpers are seen, and the exit of the calling program shows its verdict.
 */
#pragma once

#define PROG_NEST_MAX 4 /* a power of two */

struct prog_frame {
	__u64 object; /* address of the sk_buff or xdp_buff */
	__u32 prog;
	__u8 xdp;
	__u8 matched; /* the filters let the packet pass on entry */
};

struct prog_stack {
	__u32 depth;
	struct prog_frame v[PROG_NEST_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct prog_stack);
} st_progs SEC(".maps");

#define PATCHED(name)                                                                                                  \
	({                                                                                                             \
		__u64 v;                                                                                               \
		asm volatile("%0 = %1 ll" : "=r"(v) : "i"(name));                                                      \
		v;                                                                                                     \
	})

static __always_inline int xdp_find(struct packet *p, const struct xdp_buff *xdp, __u64 *start, __u32 *len_bytes)
{
	*start = (__u64)BPF_CORE_READ(xdp, data);
	*len_bytes = (__u64)BPF_CORE_READ(xdp, data_end) - *start;
	p->l3 = 0;
	p->family = 0;
	p->has_l4 = 0;
	p->frag_off = 0;
	p->proto_be = 0;
	p->head = BPF_CORE_READ(xdp, data_hard_start);
	p->unreadable = 0;
	read_eth_ip(p, (const void *)*start, *len_bytes);
	return bpf_probe_read_kernel(&p->proto_be, sizeof(p->proto_be), (const void *)(*start + 12));
}

/* Like read_skb(), for an XDP frame. The skb of the event stays 0: there is no skb yet, or it is unknown. The head is
 * that of the skb which will be built around the frame. */
static __always_inline int read_xdp(struct record *r, struct packet *p, const struct xdp_buff *xdp, int wanted,
				    __u32 *addr_bytes)
{
	struct st_event *e = &r->e;
	__u32 len_bytes;
	__u64 start;

	if (!wanted && (!match_task() || st_cfg.surroundings.has_mark)) /* a frame has no mark */
		return -1;
	if (xdp_find(p, xdp, &start, &len_bytes) || (!match_l3(p) && !wanted))
		return -1;
	if (p->family)
		packet_read_l4(p);
	if (!wanted && (!match_l4(p) || (st_pcap && !st_pcap_l2(start, len_bytes, len_bytes))))
		return -1;
	__builtin_memset(r, 0, sizeof(*r));
	e->ts_ns = bpf_ktime_get_ns();
	e->head = (__u64)p->head;
	e->origin = track_frame(e->head);
	e->len_bytes = len_bytes;
	e->proto_be = p->proto_be;
	fill_task(e);
	fill_netdev(e, BPF_CORE_READ(xdp, rxq, dev));
	if (!wanted && !match_device(e, p))
		return -1;
	fill_tuple(r, p, addr_bytes);
	return 0;
}

static __always_inline int read_object(struct record *r, struct packet *p, __u64 object, int xdp, int matched,
				       __u32 *addr_bytes)
{
	const struct sk_buff *skb = (const void *)object;

	if (xdp)
		return read_xdp(r, p, (const void *)object, matched, addr_bytes);
	if (!matched && st_cfg.has_early) {
		matched = early_match((__u64)skb);
		if (matched < 0)
			return -1;
	}
	p->by_other_rule = matched;
	return read_skb(r, p, skb, &st_cfg, addr_bytes);
}

static __always_inline struct prog_stack *prog_stack(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&st_progs, &zero);
}

static __always_inline void push(__u64 object, __u32 prog, int xdp, int matched)
{
	struct prog_stack *s = prog_stack();

	if (!s || s->depth >= PROG_NEST_MAX)
		return;
	s->v[s->depth & (PROG_NEST_MAX - 1)] =
		(struct prog_frame){.object = object, .prog = prog, .xdp = xdp, .matched = matched};
	s->depth++;
}

/* Removes the program that works on object, and whatever is left above it. Returns whether the packet matched on entry.
 */
static __always_inline int pop(__u64 object)
{
	struct prog_stack *s = prog_stack();

	if (!s)
		return 0;
#pragma unroll
	for (int i = PROG_NEST_MAX - 1; i >= 0; i--) {
		if (i >= s->depth || s->v[i].object != object)
			continue;
		s->depth = i;
		return s->v[i].matched;
	}
	return 0;
}

/* Whether the packet matched on entry of the running program. Functions of the program use this result, because they
 * see the packet in the middle of a change. */
static __always_inline int running_matched(__u64 object)
{
	struct prog_stack *s = prog_stack();
	__u32 depth = s ? s->depth : 0;

	return depth && s->v[(depth - 1) & (PROG_NEST_MAX - 1)].object == object &&
	       s->v[(depth - 1) & (PROG_NEST_MAX - 1)].matched;
}

static __always_inline int prog_event(void *ctx, int xdp, int exit)
{
	__u64 who = PATCHED(ST_PATCH_WHO), object, value = 0;
	__u32 addr_bytes = 0;
	struct packet p;
	union {
		__u64 args[8];
		struct record r; /* filled after the arguments were read; the stack has no space for both */
	} u;
	int matched;

	__builtin_memset(u.args, 0, sizeof(u.args));
	if (!is_on() || bpf_probe_read_kernel(u.args, 6 * sizeof(*u.args), ctx))
		return 0;
	object = u.args[PATCHED(ST_PATCH_ARG_INDEX) & 7];
	if (exit)
		value = u.args[PATCHED(ST_PATCH_ARGS) & 7];
	if (who >> 32) /* a function of the program */
		matched = running_matched(object);
	else
		matched = exit ? pop(object) : 0;
	matched = read_object(&u.r, &p, object, xdp, matched, &addr_bytes) == 0;
	if (!exit && !(who >> 32))
		push(object, who, xdp, matched);
	if (!matched)
		return 0;
	u.r.e.addr = who;
	u.r.e.source = exit ? ST_SRC_PROG_EXIT : ST_SRC_PROG_ENTRY;
	if (exit)
		u.r.e.value = value;
	send(ctx, &u.r, addr_bytes, exit ? ST_SRC_PROG_EXIT : ST_SRC_PROG_ENTRY, 0, &p);
	return 0;
}

#define PROG_TEMPLATE(name, xdp, exit)                                                                                 \
	SEC("raw_tp")                                                                                                  \
	int name(void *ctx)                                                                                            \
	{                                                                                                              \
		return prog_event(ctx, xdp, exit);                                                                     \
	}

PROG_TEMPLATE(tc_entry, 0, 0)
PROG_TEMPLATE(tc_exit, 0, 1)
PROG_TEMPLATE(xdp_entry, 1, 0)
PROG_TEMPLATE(xdp_exit, 1, 1)

static __always_inline int prog_call(void *ctx, enum st_call call, __u64 ifindex, __u64 flags)
{
	struct prog_stack *s = prog_stack();
	__u32 depth = s ? s->depth : 0, addr_bytes = 0;
	struct prog_frame f;
	struct packet p;
	struct record r;

	if (!depth)
		return 0;
	f = s->v[(depth - 1) & (PROG_NEST_MAX - 1)];
	if (!f.matched || read_object(&r, &p, f.object, f.xdp, 1, &addr_bytes))
		return 0;
	r.e.prog = f.prog;
	r.e.call = call;
	r.e.value = (__u32)ifindex | flags << 32;
	r.e.source = ST_SRC_PROG_CALL;
	send(ctx, &r, addr_bytes, ST_SRC_PROG_CALL, 0, &p);
	return 0;
}

/* BPF helpers take five u64, whatever their prototype (BPF_CALL_x, include/linux/filter.h). */
SEC("st_fentry/bpf_redirect")
int BPF_PROG(call_redirect, __u64 ifindex, __u64 flags)
{
	return prog_call(ctx, ST_CALL_REDIRECT, ifindex, flags);
}

SEC("st_fentry/bpf_redirect_peer")
int BPF_PROG(call_redirect_peer, __u64 ifindex, __u64 flags)
{
	return prog_call(ctx, ST_CALL_REDIRECT_PEER, ifindex, flags);
}

SEC("st_fentry/bpf_redirect_neigh")
int BPF_PROG(call_redirect_neigh, __u64 ifindex, __u64 params, __u64 params_bytes, __u64 flags)
{
	return prog_call(ctx, ST_CALL_REDIRECT_NEIGH, ifindex, flags);
}

SEC("st_fentry/bpf_clone_redirect")
int BPF_PROG(call_clone_redirect, __u64 skb, __u64 ifindex, __u64 flags)
{
	return prog_call(ctx, ST_CALL_CLONE_REDIRECT, ifindex, flags);
}

SEC("st_fentry/bpf_xdp_redirect")
int BPF_PROG(call_xdp_redirect, __u64 ifindex, __u64 flags)
{
	return prog_call(ctx, ST_CALL_XDP_REDIRECT, ifindex, flags);
}
