/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wide trace: one body behind a program for each argument slot, attached to every function that takes an skb, and
 * one at the tracepoint where packets die.
 */
#include "bpf/kernel.h"

#include "bpf/config.h"
#include "bpf/gate.bpf.h"
#include "bpf/output.bpf.h"
#include "bpf/packet.bpf.h"
#include "bpf/pcap.bpf.h"
#include "bpf/snap.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct st_config st_cfg = {};

#include "bpf/addrs.bpf.h" /* reads st_cfg */
#include "bpf/expr.bpf.h"
#include "bpf/find.bpf.h"
#include "bpf/limit.bpf.h" /* reads st_cfg */
#include "bpf/meta.bpf.h"
#include "bpf/plain.bpf.h"
#include "bpf/track.bpf.h"
#include "bpf/tunnel.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 12); /* set before load */
} st_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ST_SRC_MAX);
	__type(key, __u32);
	__type(value, struct st_counters);
} st_count SEC(".maps");

/* A record with room for the longest addresses; only the part in use is sent. */
struct record {
	struct st_event e;
	__u8 addrs[ST_ADDRS_MAX];
};

#include "bpf/returns.bpf.h"
#include "bpf/stack.bpf.h"

static __always_inline int match_l4(const struct packet *p)
{
	__u16 sport_be, dport_be;

	if (!st_cfg.need_l4)
		return 1;
	if (!p->family || (st_cfg.l4 && st_cfg.l4 != p->l4))
		return 0;
	if (!st_cfg.sport_be && !st_cfg.dport_be && !st_cfg.port_be)
		return 1;
	if (!p->has_l4 || !l4_has_ports(p->l4))
		return 0;
	sport_be = l4_u16(p, 0);
	dport_be = l4_u16(p, 2);
	if (st_cfg.sport_be && st_cfg.sport_be != sport_be)
		return 0;
	if (st_cfg.dport_be && st_cfg.dport_be != dport_be)
		return 0;
	return !st_cfg.port_be || st_cfg.port_be == sport_be || st_cfg.port_be == dport_be;
}

static __always_inline void fill_tuple(struct record *r, const struct packet *p, __u32 *addr_bytes)
{
	struct st_event *e = &r->e;

	*addr_bytes = 0;
	if (!p->family)
		return;
	if (p->family == 4) {
		e->valid |= ST_VALID_IP4;
		__builtin_memcpy(r->addrs, &p->w_be[3], 8);
		*addr_bytes = 8;
	} else {
		e->valid |= ST_VALID_IP6;
		__builtin_memcpy(r->addrs, &p->w_be[2], 32);
		*addr_bytes = 32;
	}
	e->valid |= ST_VALID_L4;
	e->l4 = p->l4;
	if (!p->has_l4)
		return;
	if (l4_has_ports(p->l4)) {
		e->valid |= ST_VALID_PORTS;
		e->sport_be = l4_u16(p, 0);
		e->dport_be = l4_u16(p, 2);
		if (p->l4 == 6) {
			e->valid |= ST_VALID_TCP;
			e->tcp_flags = p->l4h.b[13];
		}
	} else if (p->l4 == 1 || p->l4 == 58) {
		e->valid |= ST_VALID_ICMP;
		e->icmp_type = p->l4h.b[0];
		e->icmp_code = p->l4h.b[1];
		/* echo reply and request: RFC 792, RFC 4443 */
		if ((p->l4 == 1 && (e->icmp_type == 0 || e->icmp_type == 8)) ||
		    (p->l4 == 58 && (e->icmp_type == 128 || e->icmp_type == 129))) {
			e->valid |= ST_VALID_ICMP_ID;
			e->sport_be = l4_u16(p, 4);
			e->dport_be = l4_u16(p, 6);
		}
	}
}

static __always_inline int fill_netdev(struct st_event *e, const struct net_device *dev)
{
	struct dev_info info;

	if (st_plain) {
		if (plain_netdev(e, dev))
			return -1;
	} else {
		if (!dev_read(dev, !st_cfg.brief, &info))
			return -1;
		e->netns = info.netns;
		e->ifindex = info.ifindex;
		e->mtu = info.mtu;
		bpf_probe_read_kernel(e->ifname, sizeof(e->ifname), __builtin_preserve_access_index(&dev->name));
	}
	e->valid |= ST_VALID_NETNS | ST_VALID_DEV;
	return 0;
}

/* The device, and the namespace from it or, where the packet has none (on its way out), from its socket. */
static __always_inline void fill_dev(struct st_event *e, const struct sk_buff *skb, const struct net_device *dev)
{
	struct sock *sk;
	__u32 inum;

	if (fill_netdev(e, dev) == 0)
		return;
	sk = BPF_CORE_READ(skb, sk);
	if (!sk)
		return;
	inum = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	if (inum < NS_INUM_MIN)
		return;
	e->netns = inum;
	e->valid |= ST_VALID_NETNS;
}

/* Gives the record its number, and its CPU. NULL: it is not to be sent. source is a constant. */
static __always_inline struct st_counters *count(struct record *r, __u32 source, __u64 *ret_flags)
{
	__u32 key = source; /* whose address is taken: source stays a constant */
	struct st_counters *c = bpf_map_lookup_elem(&st_count, &key);

	if (!c)
		return 0;
	if (is_over_rate(r->e.ts_ns)) {
		c->limited++;
		return 0;
	}
	r->e.cpu = bpf_get_smp_processor_id();
	r->e.seq = c->seq++;
	*ret_flags = BPF_RB_NO_WAKEUP;
	/* The reader looks by itself every 100 ms at least; wake it earlier only when much is waiting. */
	if ((r->e.seq & 31) == 31 && bpf_ringbuf_query(&st_ring, BPF_RB_AVAIL_DATA) >= st_cfg.wakeup_bytes)
		*ret_flags = BPF_RB_FORCE_WAKEUP;
	return c;
}

static __always_inline void send(void *ctx, struct record *r, __u32 addr_bytes, __u32 source, const struct sk_buff *skb,
				 const struct packet *p)
{
	struct st_counters *c;
	__u64 flags;
	char *to;

	c = count(r, source, &flags);
	if (!c)
		return;
	/* there is no room on the stacks of progs.bpf.h for parts */
	if (!st_out.record_bytes || (!skb && source != ST_SRC_CALL)) {
		if (bpf_ringbuf_output(&st_ring, r, sizeof(r->e) + (addr_bytes & 0x3f), flags))
			c->lost_ring++;
		return;
	}
	to = bpf_ringbuf_reserve(&st_ring, st_out.record_bytes, 0);
	if (!to) {
		c->lost_ring++;
		return;
	}
	r->e.has_parts = 1;
	__builtin_memcpy(__builtin_assume_aligned(to, 8), r, sizeof(*r)); /* by words: bytes are what a char * says */
	if (source == ST_SRC_CALL) {
		fill_parts_alone(ctx, to);
	} else {
		fill_parts(ctx, skb, p, source, r->e.location, to);
		if (st_out.at[ST_PART_BYTES])
			part_bytes(p, skb, to);
	}
	bpf_ringbuf_submit(to, flags);
}

/* What the packet and its surroundings say. 0: the filters let it pass; always so if it is wanted anyway. */
static __always_inline int read_skb(struct record *r, struct packet *p, const struct sk_buff *skb,
				    struct anyway *anyway, __u32 *addr_bytes)
{
	struct st_event *e = &r->e;
	struct skb_info info;

	if (!skb)
		return -1;
	if (st_cfg.track && is_tracked(skb))
		anyway->is = 1;
	if ((!match_task() || !match_mark(skb)) && !is_anyway(anyway))
		return -1;
	if (find_wanted(p, skb, anyway) || !is_on())
		return -1;
	if (p->family)
		packet_read_l4(p);
	if ((!match_l4(p) || !match_pcap(p, skb) || !match_expr(skb) || !match_tunnel(p, skb) || !is_sampled(p)) &&
	    !is_anyway(anyway))
		return -1;
	if (st_plain)
		plain_skb(skb, &info);
	else
		skb_read(skb, !st_cfg.brief, r, sizeof(*r), &info);
	__builtin_memset(r, 0, sizeof(*r));
	/* at once: kept longer it takes stack, which is full where there is a pcap-filter expression */
	e->mark = info.mark;
	e->len_bytes = info.len_bytes;
	fill_dev(e, skb, info.dev);
	if (!match_place(e, p) && !is_anyway(anyway))
		return -1;
	e->ts_ns = bpf_ktime_get_ns();
	e->skb = (__u64)skb;
	e->head = (__u64)p->head;
	e->proto_be = p->proto_be;
	fill_task(e);
	if (st_cfg.track && !is_anyway(anyway))
		track_begin(skb);
	fill_tuple(r, p, addr_bytes);
	return 0;
}

/* How a program is called, and where the function's address comes from, which is asked only when the packet matches.
 * A constant, so that older kernels do not see the helper that tells it, which there is since 5.15. */
enum site {
	AT_ADDR,   /* with registers, but for tracepoints; the address is given */
	AT_IP,	   /* with registers, one of them the address */
	AT_MULTI,  /* with registers */
	AT_FENTRY, /* with arguments */
};

static __always_inline int trace_call(void *ctx, const struct sk_buff *skb, __u64 addr, const enum site site,
				      __u32 source, __u64 location, __u32 reason)
{
	const int is_call = source == ST_SRC_KPROBE; /* a tracepoint's caller does not tell */
	const int has_sp = is_call && site != AT_FENTRY;
	struct anyway anyway;
	struct packet p;
	struct record r;
	struct st_event *e = &r.e;
	__u32 addr_bytes;

	/* the others are asked once they match */
	if (st_cfg.by_stack && !is_on())
		return 0;
	anyway.known = 0;
	if (has_anyway(&anyway))
		anyway.is = has_sp && st_cfg.by_stack ? stack_enter(ctx) : 0;
	if (read_skb(&r, &p, skb, &anyway, &addr_bytes))
		return 0;
	if (has_sp && st_cfg.by_stack)
		stack_note(ctx, &r);
	e->addr = site == AT_ADDR ? addr : site == AT_IP ? PT_REGS_IP((struct pt_regs *)ctx) : bpf_get_func_ip(ctx);
	e->source = source;
	if (source == ST_SRC_KFREE) {
		e->location = location;
		e->valid |= is_trampoline(location) ? 0 : ST_VALID_LOCATION;
		if (st_cfg.has_drop_reason) {
			e->drop_reason = reason;
			e->valid |= ST_VALID_REASON;
		}
	}
	if (is_call && st_cfg.returns)
		call_begins(ctx, has_sp ? call_place(ctx) : (__u64)ctx, &r);
	send(ctx, &r, addr_bytes, source, skb, &p);
	return 0;
}

static __always_inline int trace_skb(void *ctx, const struct sk_buff *skb, __u64 addr, __u32 source, __u64 location,
				     __u32 reason)
{
	return trace_call(ctx, skb, addr, AT_ADDR, source, location, reason);
}

static __always_inline const struct sk_buff *deref(const void *pskb)
{
	const struct sk_buff *skb = 0;

	bpf_probe_read_kernel(&skb, sizeof(skb), pskb);
	return skb;
}

#define SLOT(n)                                                                                                        \
	SEC("st_kprobe")                                                                                               \
	int skb##n(struct pt_regs *ctx)                                                                                \
	{                                                                                                              \
		return trace_call(ctx, (const struct sk_buff *)PT_REGS_PARM##n(ctx), 0, AT_IP, ST_SRC_KPROBE, 0, 0);   \
	}                                                                                                              \
	SEC("st_kprobe")                                                                                               \
	int pskb##n(struct pt_regs *ctx) /* struct sk_buff ** */                                                       \
	{                                                                                                              \
		return trace_call(ctx, deref((const void *)PT_REGS_PARM##n(ctx)), 0, AT_IP, ST_SRC_KPROBE, 0, 0);      \
	}

SLOT(1)
SLOT(2)
SLOT(3)
SLOT(4)
SLOT(5)

/* kprobe.multi. Nearly all functions have the packet among the first three. For a cookie the kernel searches for the
 * function's address, which is not done for a packet that does not match. */
#define MULTI_SLOT(n)                                                                                                  \
	SEC("st_kprobe")                                                                                               \
	int multi##n(struct pt_regs *ctx)                                                                              \
	{                                                                                                              \
		return trace_call(ctx, (const struct sk_buff *)PT_REGS_PARM##n(ctx), 0, AT_MULTI, ST_SRC_KPROBE, 0,    \
				  0);                                                                                  \
	}

MULTI_SLOT(1)
MULTI_SLOT(2)
MULTI_SLOT(3)

/* fentry.multi: see src/kern/fentry_multi.h. */
#define FENTRY_SLOT(n)                                                                                                 \
	SEC("st_fentry.multi")                                                                                         \
	int fentry##n(__u64 *ctx)                                                                                      \
	{                                                                                                              \
		__u64 skb = 0;                                                                                         \
                                                                                                                       \
		bpf_get_func_arg(ctx, (n)-1, &skb);                                                                    \
		return trace_call(ctx, (const struct sk_buff *)skb, 0, AT_FENTRY, ST_SRC_KPROBE, 0, 0);                \
	}

FENTRY_SLOT(1)
FENTRY_SLOT(2)
FENTRY_SLOT(3)

/* All are read before one is chosen: else the compiler chooses an offset into ctx, which the verifier refuses. */
static __always_inline const void *slot_arg(struct pt_regs *ctx, __u32 slot)
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

/* The others: see ST_COOKIE_SLOT_SHIFT. */
SEC("st_kprobe")
int any_slot(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u32 how = cookie >> ST_COOKIE_SLOT_SHIFT;
	const void *arg = slot_arg(ctx, how & ~ST_COOKIE_INDIRECT);
	const struct sk_buff *skb = how & ST_COOKIE_INDIRECT ? deref(arg) : arg;

	return trace_skb(ctx, skb, cookie | ST_COOKIE_TOP, ST_SRC_KPROBE, 0, 0);
}

/* Functions without a packet. */
static __always_inline int trace_aside(struct pt_regs *ctx, const int late)
{
	struct place at = place_of(ctx);
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
		call_begins(ctx, call_place(ctx), &r);
	send(ctx, &r, ST_ADDRS_MAX, ST_SRC_CALL, 0, 0);
	return 0;
}

SEC("st_kprobe")
int aside(struct pt_regs *ctx)
{
	return trace_aside(ctx, 0);
}

SEC("st_kprobe")
int multi_aside(struct pt_regs *ctx)
{
	return trace_aside(ctx, 1);
}

SEC("?st_fexit/nf_tables/nft_do_chain")
int nft_chain(__u64 *ctx)
{
	const struct nft_pktinfo *pkt = (const void *)ctx[0];

	return trace_skb(ctx, BPF_CORE_READ(pkt, skb), 0, ST_SRC_NETFILTER, 0, 0);
}

SEC("?st_fexit/ip_tables/ipt_do_table")
int ipt_chain(__u64 *ctx)
{
	return trace_skb(ctx, ipt_skb(ctx), 0, ST_SRC_IPTABLES, 0, 0);
}

SEC("?st_fexit/ip6_tables/ip6t_do_table")
int ip6t_chain(__u64 *ctx)
{
	return trace_skb(ctx, ipt_skb(ctx), 0, ST_SRC_IP6TABLES, 0, 0);
}

SEC("st_raw_tp/kfree_skb")
int kfree(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 reason = st_cfg.has_drop_reason ? (__u32)ctx->args[2] : 0;

	return trace_skb(ctx, (const struct sk_buff *)ctx->args[0], 0, ST_SRC_KFREE, ctx->args[1], reason);
}

/* these need all of the above */
#include "bpf/maps.bpf.h"
#include "bpf/progs.bpf.h"
#include "bpf/returned.bpf.h"
