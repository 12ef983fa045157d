/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The function trace. There is one program for each argument that can be the skb; all have the same body. They are
 * attached to every function that takes an skb. One more program is attached to the tracepoint at which packets are
 * dropped.
 */
#include "bpf/kernel.h"

#include "bpf/config.h"
#include "bpf/enabled.bpf.h"
#include "bpf/packet.bpf.h"
#include "bpf/parts.bpf.h"
#include "bpf/pcap.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct st_config st_cfg = {};

/* these headers read st_cfg */
#include "bpf/expr.bpf.h"
#include "bpf/match_addrs.bpf.h"
#include "bpf/plain.bpf.h"
#include "bpf/rate_limit.bpf.h"
#include "bpf/surroundings.bpf.h"
#include "bpf/track.bpf.h"
#include "bpf/track_hooks.bpf.h"
#include "bpf/tunnel.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 12); /* user space sets the size before the load */
} st_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ST_SRC_MAX + 1);
	__type(key, __u32);
	__type(value, struct st_counters);
} st_count SEC(".maps");

/* A record with space for the longest addresses; only the bytes in use are sent. */
struct record {
	struct st_event e;
	__u8 addrs[ST_ADDRS_MAX];
};

#include "bpf/returns.bpf.h"
#include "bpf/stack.bpf.h"

static __always_inline int is_one_of(const volatile __u16 *ports_be, __u32 n, __u16 port_be)
{
	for (__u32 i = 0; i < ST_FILTER_VALUES; i++) {
		if (i >= n)
			break;
		if (ports_be[i] == port_be)
			return 1;
	}
	return 0;
}

/* Whether the filters on ports let the packet pass. The function is global, so that the verifier checks it once. */
__attribute__((noinline)) int ports_match(__u32 sport_be, __u32 dport_be)
{
	const volatile struct st_config *c = &st_cfg;

	if (c->n_sports && !is_one_of(c->sport_be, c->n_sports, sport_be))
		return 0;
	if (c->n_dports && !is_one_of(c->dport_be, c->n_dports, dport_be))
		return 0;
	return !c->n_ports || is_one_of(c->port_be, c->n_ports, sport_be) ||
	       is_one_of(c->port_be, c->n_ports, dport_be);
}

static __always_inline int match_l4(const struct packet *p)
{
	__u16 sport_be, dport_be;

	if (!st_cfg.need_l4)
		return 1;
	if (!p->family || (st_cfg.l4 && st_cfg.l4 != p->l4))
		return 0;
	if (!st_cfg.n_sports && !st_cfg.n_dports && !st_cfg.n_ports)
		return 1;
	if (!p->has_l4 || !l4_has_ports(p->l4))
		return 0;
	sport_be = l4_u16(p, 0);
	dport_be = l4_u16(p, 2);
	if (st_cfg.has_several_ports)
		return ports_match(sport_be, dport_be);
	if (st_cfg.n_sports && st_cfg.sport_be[0] != sport_be)
		return 0;
	if (st_cfg.n_dports && st_cfg.dport_be[0] != dport_be)
		return 0;
	return !st_cfg.n_ports || st_cfg.port_be[0] == sport_be || st_cfg.port_be[0] == dport_be;
}

/* Fills what depends on the L4 protocol. Returns the ST_VALID_* bits. */
static __always_inline __u16 fill_l4(struct st_event *e, const struct packet *p)
{
	if (l4_has_ports(p->l4)) {
		e->sport_be = l4_u16(p, 0);
		e->dport_be = l4_u16(p, 2);
		if (p->l4 != 6)
			return ST_VALID_PORTS;
		e->tcp_flags = p->l4h.b[13];
		return ST_VALID_PORTS | ST_VALID_TCP;
	}
	if (p->l4 != 1 && p->l4 != 58)
		return 0;
	e->icmp_type = p->l4h.b[0];
	e->icmp_code = p->l4h.b[1];
	/* echo reply and request: RFC 792, RFC 4443 */
	if (p->l4 == 1 ? e->icmp_type != 0 && e->icmp_type != 8 : e->icmp_type != 128 && e->icmp_type != 129)
		return ST_VALID_ICMP;
	e->sport_be = l4_u16(p, 4);
	e->dport_be = l4_u16(p, 6);
	return ST_VALID_ICMP | ST_VALID_ICMP_ID;
}

static __always_inline void fill_tuple(struct record *r, const struct packet *p, __u32 *addr_bytes)
{
	struct st_event *e = &r->e;
	__u16 valid = ST_VALID_L4;

	*addr_bytes = 0;
	if (!p->family)
		return;
	if (p->family == 4) {
		valid |= ST_VALID_IP4;
		__builtin_memcpy(r->addrs, &p->w_be[3], 8);
		*addr_bytes = 8;
	} else {
		valid |= ST_VALID_IP6;
		__builtin_memcpy(r->addrs, &p->w_be[2], 32);
		*addr_bytes = 32;
	}
	e->l4 = p->l4;
	if (p->has_l4)
		valid |= fill_l4(e, p);
	e->valid |= valid;
}

static __always_inline void fill_arp(struct record *r, const struct packet *p, const struct sk_buff *skb,
				     __u32 *addr_bytes)
{
	__u64 found = packet_find_arp(as_number(skb)); /* in a program on copies, skb is typed */
	const unsigned char *arp = p->head + (__u16)found;

	if (!found)
		return;
	r->e.valid |= ST_VALID_ARP;
	r->e.icmp_code = found >> 32;
	bpf_probe_read_kernel(r->addrs, 4, arp + ARP_SENDER);
	bpf_probe_read_kernel(r->addrs + 4, 4, arp + ARP_TARGET);
	*addr_bytes = 8;
}

static __always_inline int fill_netdev(struct st_event *e, const struct net_device *dev)
{
	struct dev_info info;

	if (st_cfg.plain) {
		if (plain_netdev(e, dev))
			return -1;
	} else {
		if (!dev_read(dev, !st_cfg.without_mark_mtu, &info))
			return -1;
		e->netns = info.netns;
		e->ifindex = info.ifindex;
		e->mtu = info.mtu;
		bpf_probe_read_kernel(e->ifname, sizeof(e->ifname), __builtin_preserve_access_index(&dev->name));
	}
	e->valid |= ST_VALID_NETNS | ST_VALID_DEV;
	return 0;
}

/* Fills the device and the namespace. A packet on its way out may have no device; then its socket has the namespace. */
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

/* Sets the number and the CPU of the record. NULL: the record must not be sent. source is a constant. */
static __always_inline struct st_counters *count(struct record *r, __u32 source, __u64 *ret_flags)
{
	__u32 key = source; /* the address of key is taken, so that source stays a constant */
	struct st_counters *c = bpf_map_lookup_elem(&st_count, &key);

	if (!c)
		return 0;
	if (source != ST_SRC_COPY && is_over_rate(r->e.ts_ns)) {
		c->limited++;
		return 0;
	}
	r->e.cpu = bpf_get_smp_processor_id();
	r->e.seq = c->seq++;
	*ret_flags = BPF_RB_NO_WAKEUP;
	/* The reader polls the ring at least every 100 ms. Wake it earlier only if the ring holds much. */
	if ((r->e.seq & 31) == 31 && bpf_ringbuf_query(&st_ring, BPF_RB_AVAIL_DATA) >= st_cfg.wakeup_bytes)
		*ret_flags = BPF_RB_FORCE_WAKEUP;
	return c;
}

/* skb NULL: the packet is not there to be read; then the record has all bytes of the addresses. */
static __always_inline void send(void *ctx, struct record *r, __u32 addr_bytes, __u32 source, const struct sk_buff *skb,
				 const struct packet *p)
{
	struct st_counters *c;
	__u64 flags;
	char *to;

	c = count(r, source, &flags);
	if (!c)
		return;
	/* the programs of bpf/progs.bpf.h have no stack left for parts */
	if (!st_out.record_bytes || (!skb && source != ST_SRC_CALL && !is_chain(source))) {
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
	__builtin_memcpy(__builtin_assume_aligned(to, 8), r, sizeof(*r)); /* aligned: clang would copy bytes */
	if (!skb) {
		fill_parts_alone(ctx, source, to);
	} else {
		fill_parts(ctx, skb, p, source, r->e.location, to);
		if (st_out.at[ST_PART_BYTES])
			part_bytes(p, skb, to);
	}
	bpf_ringbuf_submit(to, flags);
}

/* The tests before the headers are read; only if st_cfg.has_early is set. -1: the filters reject the packet; 1: it is
 * wanted whatever the other filters say; 0: they decide. The function is global, so that the verifier checks it once,
 * and what follows once for all that it returns. */
__attribute__((noinline)) int early_match(__u64 address)
{
	const struct sk_buff *skb = (const void *)address;

	if (is_tracked(skb))
		return 1;
	return match_task() && match_mark(skb) ? 0 : -1;
}

/* Tests the packet and its surroundings, and fills the record. 0: the filters pass the packet, or another rule wants
 * it. */
static __always_inline int read_skb(struct record *r, struct packet *p, const struct sk_buff *skb,
				    const volatile struct st_config *c, __u32 *addr_bytes)
{
	struct st_event *e = &r->e;
	struct skb_info info;

	if (find_wanted(p, skb, c) || !is_on())
		return -1;
	if (p->family && st_cfg.plain)
		plain_l4(p);
	else if (p->family)
		packet_read_l4(p);
	if (p->family && !p->has_l4 && p->unreadable && is_on())
		__sync_fetch_and_add(&st_unreadable, 1);
	if (st_cfg.has_late && !by_other_rule(p, c) &&
	    (!match_l4(p) || !match_pcap(p, skb) || !match_expr(skb) || !match_tunnel(p, skb) || !is_sampled(p)))
		return -1;
	if (st_cfg.plain)
		plain_skb(skb, &info);
	else
		skb_read(skb, !st_cfg.without_mark_mtu, r, sizeof(*r), &info);
	__builtin_memset(r, 0, sizeof(*r));
	/* Copied at once: if they were kept longer, they would use stack, which is full if there is a pcap-filter
	 * expression. */
	e->mark = info.mark;
	e->len_bytes = info.len_bytes;
	fill_dev(e, skb, info.dev);
	if (st_cfg.has_late && !by_other_rule(p, c) && !match_device(e, p))
		return -1;
	e->ts_ns = bpf_ktime_get_ns();
	e->skb = (__u64)skb;
	e->head = (__u64)p->head;
	e->proto_be = p->proto_be;
	fill_task(e);
	if (st_cfg.track)
		e->origin = track_record((__u64)skb, !p->by_other_rule);
	fill_tuple(r, p, addr_bytes);
	if (p->proto_be == bpf_htons(ETH_P_ARP))
		fill_arp(r, p, skb, addr_bytes);
	return 0;
}

/* What ctx is, and where the address of the function comes from, which is read only if the packet matches. The site is
 * a constant, so that the verifier of a kernel before 5.15 does not see the call of bpf_get_func_ip(). */
enum site {
	AT_ADDR,  /* any context; the address is passed as an argument */
	AT_IP,	  /* struct pt_regs, which has the address */
	AT_MULTI, /* struct pt_regs; a helper returns the address */
};

/* Applies all filters, and fills the record. 0: the filters pass the packet, or another rule wants it. */
static __always_inline int match(void *ctx, const struct sk_buff *skb, const int is_call, struct record *r,
				 struct packet *p, __u32 *addr_bytes)
{
	const volatile struct st_config *c = &st_cfg;

	barrier_var(c);
	if (c->has_other_rule) {
		int wanted = 0;

		/* without by_stack, read_skb() tests is_on() once the packet matches */
		if (c->by_stack && !is_on())
			return -1;
		if (c->by_stack && is_call)
			wanted = stack_enter(ctx);
		if (!wanted && c->has_early)
			wanted = early_match((__u64)skb);
		if (wanted < 0)
			return -1;
		p->by_other_rule = wanted;
	}
	return read_skb(r, p, skb, c, addr_bytes);
}

static __always_inline int trace_call(void *ctx, const struct sk_buff *skb, __u64 addr, const enum site site,
				      __u32 source, __u64 location, __u32 reason)
{
	const int is_call = source == ST_SRC_KPROBE; /* other programs do not run at the entry of a function */
	struct packet p;
	struct record r;
	struct st_event *e = &r.e;
	__u32 addr_bytes;

	if (match(ctx, skb, is_call, &r, &p, &addr_bytes))
		return 0;
	if (is_call && st_cfg.by_stack)
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
	if (source == ST_SRC_COPY)
		e->value = location;
	if (is_call && st_cfg.returns)
		call_begins(ctx, call_location(ctx), &r);
	send(ctx, &r, addr_bytes, source, skb, &p);
	return 0;
}

static __always_inline int trace_skb(void *ctx, const struct sk_buff *skb, __u64 addr, __u32 source, __u64 location,
				     __u32 reason)
{
	return trace_call(ctx, skb, addr, AT_ADDR, source, location, reason);
}

SEC("raw_tp/kfree_skb")
int kfree(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 reason = st_cfg.has_drop_reason ? (__u32)ctx->args[2] : 0;

	return trace_skb(ctx, (const struct sk_buff *)ctx->args[0], 0, ST_SRC_KFREE, ctx->args[1], reason);
}

/* these headers need all of the above */
#include "bpf/chain_progs.bpf.h"
#include "bpf/copies.bpf.h"
#include "bpf/func_progs.bpf.h"
#include "bpf/map_ops.bpf.h"
#include "bpf/progs.bpf.h"
#include "bpf/return_progs.bpf.h"
