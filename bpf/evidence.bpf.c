/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a check's verdict stands on: one fentry, fexit or raw tracepoint program per hook.
 *
 * The wide trace's kprobes share one guard per CPU, so a packet handled in an interrupt of another probe is skipped
 * without a word on older kernels. These programs have either no guard (5.10) or one each whose misses the kernel
 * counts (recursion_misses), so that "not seen" can be told from "not looked". Each program numbers its records per
 * CPU; the reader finds a lost one as a gap.
 */
#include "bpf/kernel.h"

#include "bpf/config.h"
#include "bpf/gate.bpf.h"
#include "bpf/packet.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define EAGAIN 11

const volatile struct st_flow st_flow = {};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 12); /* set before load */
} st_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ST_HOOK_MAX);
	__type(key, __u32);
	__type(value, struct st_counters);
} st_count SEC(".maps");

struct helper_call {
	__u32 helper; /* enum st_helper */
	__u32 ifindex;
};

/* The redirect helper that ran last on this CPU. A tc program's helper and the skb_do_redirect() that obeys it run in
 * one stretch of the same CPU's softirq, so this is that packet's. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct helper_call);
} st_helper_call SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ST_WATCH_MAX);
	__type(key, __u32);
	__type(value, __u64);
} st_tx_seen SEC(".maps");

static __always_inline int addr_eq(const volatile __u32 *a_be, const __u32 *b_be)
{
	if (st_flow.family == 4)
		return a_be[0] == b_be[0];
	return a_be[0] == b_be[0] && a_be[1] == b_be[1] && a_be[2] == b_be[2] && a_be[3] == b_be[3];
}

/* 0: source to destination, 1: the reverse, -1: another flow. */
static __always_inline int flow_direction(const struct packet *p)
{
	const __u32 *src = &p->w_be[st_flow.family == 4 ? 3 : 2];
	const __u32 *dst = &p->w_be[st_flow.family == 4 ? 4 : 6];

	if (p->family != st_flow.family)
		return -1;
	if (addr_eq(st_flow.src_be, src) && addr_eq(st_flow.dst_be, dst))
		return 0;
	if (addr_eq(st_flow.dst_be, src) && addr_eq(st_flow.src_be, dst))
		return 1;
	return -1;
}

static __always_inline __u16 payload_bytes(const struct packet *p)
{
	__u16 ip_bytes =
		p->family == 4 ? bpf_ntohs(*(const __u16 *)(p->b + 2)) : bpf_ntohs(*(const __u16 *)(p->b + 4)) + 40;
	__u16 header_bytes = p->l4_off_bytes + (p->l4 == 6 ? (p->l4h.b[12] >> 4) * 4 : 8);

	return ip_bytes > header_bytes ? ip_bytes - header_bytes : 0;
}

/* Echo requests count one way, replies the other; TCP and UDP by the destination's port. */
static __always_inline int flow_l4(struct st_witness *w, const struct packet *p, int reverse)
{
	__u16 service_be;

	if (p->l4 != st_flow.l4)
		return 0;
	w->l4 = p->l4;
	w->has_l4 = p->has_l4;
	w->frag_off = p->frag_off;
	if (!p->has_l4)
		return 1;
	if (p->l4 == 1 || p->l4 == 58) {
		w->icmp_type = p->l4h.b[0];
		w->sport_be = l4_u16(p, 4);
		w->dport_be = l4_u16(p, 6);
		if (p->l4 == 1)
			return w->icmp_type == (reverse ? 0 : 8);
		return w->icmp_type == (reverse ? 129 : 128);
	}
	w->sport_be = l4_u16(p, 0);
	w->dport_be = l4_u16(p, 2);
	w->payload_bytes = payload_bytes(p);
	if (p->l4 == 6) {
		w->l4_seq = bpf_ntohl(*(const __u32 *)(p->l4h.b + 4));
		w->tcp_flags = p->l4h.b[13];
	}
	service_be = reverse ? w->sport_be : w->dport_be;
	return !st_flow.port_be || st_flow.port_be == service_be;
}

static __always_inline int flow_match(struct st_witness *w, const struct sk_buff *skb)
{
	struct packet p;
	int dir;

	if (!is_on() || !skb || packet_find(&p, skb) || !p.family)
		return 0;
	dir = flow_direction(&p);
	if (dir < 0)
		return 0;
	packet_read_l4(&p);
	__builtin_memset(w, 0, sizeof(*w));
	w->reverse = dir;
	if (p.family == 4)
		w->ip_id_be = *(const __u16 *)(p.b + 4);
	return flow_l4(w, &p, dir);
}

static __always_inline void send(struct st_witness *w, const struct sk_buff *skb, const struct net_device *dev,
				 __u32 hook)
{
	struct st_counters *c = bpf_map_lookup_elem(&st_count, &hook);
	struct dev_info info;

	if (!c)
		return;
	if (dev_read(dev, 0, &info)) {
		w->netns = info.netns;
		w->ifindex = info.ifindex;
	}
	w->hook = hook;
	w->ts_ns = bpf_ktime_get_ns();
	w->skb = (__u64)skb;
	w->cpu = bpf_get_smp_processor_id();
	w->seq = c->seq++;
	if (bpf_ringbuf_output(&st_ring, w, sizeof(*w), 0))
		c->lost_ring++;
}

static __always_inline int witness(const struct sk_buff *skb, const struct net_device *dev, __u32 hook)
{
	struct st_witness w;

	if (flow_match(&w, skb))
		send(&w, skb, dev, hook);
	return 0;
}

/* Every transmission of a watched device, so that its own counter can contradict us. */
static __always_inline void count_watched(const struct net_device *dev)
{
	__u32 ifindex = BPF_CORE_READ(dev, ifindex);

	if (!is_on())
		return;
#pragma unroll
	for (__u32 i = 0; i < ST_WATCH_MAX; i++) {
		__u32 key = i;
		__u64 *seen;

		if (!st_flow.watch[i].ifindex || st_flow.watch[i].ifindex != ifindex ||
		    st_flow.watch[i].netns != BPF_CORE_READ(dev, nd_net.net, ns.inum))
			continue;
		seen = bpf_map_lookup_elem(&st_tx_seen, &key);
		if (seen)
			++*seen;
	}
}

SEC("st_raw_tp/net_dev_start_xmit")
int start_xmit(struct bpf_raw_tracepoint_args *ctx)
{
	const struct net_device *dev = (const struct net_device *)ctx->args[1];

	count_watched(dev);
	return witness((const struct sk_buff *)ctx->args[0], dev, ST_HOOK_XMIT);
}

SEC("st_raw_tp/netif_receive_skb")
int receive(struct bpf_raw_tracepoint_args *ctx)
{
	const struct sk_buff *skb = (const struct sk_buff *)ctx->args[0];

	return witness(skb, BPF_CORE_READ(skb, dev), ST_HOOK_RECEIVE);
}

SEC("st_raw_tp/kfree_skb")
int drop(struct bpf_raw_tracepoint_args *ctx)
{
	const struct sk_buff *skb = (const struct sk_buff *)ctx->args[0];
	struct st_witness w;

	if (!flow_match(&w, skb))
		return 0;
	w.location = ctx->args[1];
	if (st_flow.has_drop_reason) {
		w.drop_reason = ctx->args[2];
		w.has_reason = 1;
	}
	send(&w, skb, BPF_CORE_READ(skb, dev), ST_HOOK_DROP);
	return 0;
}

SEC("st_fentry/skb_do_redirect")
int BPF_PROG(redirect, struct sk_buff *skb)
{
	struct helper_call *call;
	struct st_witness w;
	__u32 zero = 0;

	if (!flow_match(&w, skb))
		return 0;
	call = bpf_map_lookup_elem(&st_helper_call, &zero);
	if (call) {
		w.helper = call->helper;
		w.helper_ifindex = call->ifindex;
		call->helper = ST_HELPER_NONE;
	}
	send(&w, skb, skb->dev, ST_HOOK_REDIRECT);
	return 0;
}

/* Any other return value means that the packet was given away: then skb must not be looked at. */
SEC("st_fexit/skb_do_redirect")
int BPF_PROG(peer, struct sk_buff *skb, int ret)
{
	return ret == -EAGAIN ? witness(skb, skb->dev, ST_HOOK_PEER) : 0;
}

static __always_inline int ip_input(const struct sk_buff *skb, const struct net_device *dev,
				    const struct net_device *orig)
{
	struct dev_info info;
	struct st_witness w;

	if (!flow_match(&w, skb))
		return 0;
	if (dev_read(orig, 0, &info)) {
		w.orig_netns = info.netns;
		w.orig_ifindex = info.ifindex;
	}
	send(&w, skb, dev, ST_HOOK_IP_RCV);
	return 0;
}

SEC("st_fentry/ip_rcv")
int BPF_PROG(ip_rcv, struct sk_buff *skb, struct net_device *dev, void *pt, struct net_device *orig_dev)
{
	return ip_input(skb, dev, orig_dev);
}

SEC("st_fentry/ipv6_rcv")
int BPF_PROG(ipv6_rcv, struct sk_buff *skb, struct net_device *dev, void *pt, struct net_device *orig_dev)
{
	return ip_input(skb, dev, orig_dev);
}

SEC("st_fentry/ip_forward")
int BPF_PROG(ip_forward, struct sk_buff *skb)
{
	return witness(skb, skb->dev, ST_HOOK_FORWARD);
}

SEC("st_fentry/ip6_forward")
int BPF_PROG(ip6_forward, struct sk_buff *skb)
{
	return witness(skb, skb->dev, ST_HOOK_FORWARD);
}

SEC("st_fentry/nf_hook_slow")
int BPF_PROG(netfilter, struct sk_buff *skb)
{
	return witness(skb, skb->dev, ST_HOOK_NETFILTER);
}

/* The bridge is often a module: this is for where it has BTF. */
SEC("st_fentry/bridge/__br_forward")
int BPF_PROG(bridge_entry, void *to, struct sk_buff *skb)
{
	return witness(skb, skb->dev, ST_HOOK_BRIDGE);
}

/* Where it has none: 5.10 has no BTF for modules. It names the mechanism; no verdict stands on its silence. */
SEC("kprobe/__br_forward")
int bridge(struct pt_regs *ctx)
{
	const struct sk_buff *skb = (const struct sk_buff *)PT_REGS_PARM2(ctx);

	return witness(skb, BPF_CORE_READ(skb, dev), ST_HOOK_BRIDGE);
}

SEC("st_fentry/veth/veth_xmit")
int BPF_PROG(veth, struct sk_buff *skb, struct net_device *dev)
{
	return witness(skb, dev, ST_HOOK_VETH);
}

SEC("st_fentry/netkit_xmit")
int BPF_PROG(netkit, struct sk_buff *skb, struct net_device *dev)
{
	return witness(skb, dev, ST_HOOK_NETKIT);
}

static __always_inline int helper_called(__u32 helper, __u64 ifindex)
{
	struct helper_call *call;
	__u32 zero = 0;

	call = bpf_map_lookup_elem(&st_helper_call, &zero);
	if (call) {
		call->helper = helper;
		call->ifindex = ifindex;
	}
	return 0;
}

/* BPF helpers take five u64, whatever their prototype (BPF_CALL_x, include/linux/filter.h). */
SEC("st_fentry/bpf_redirect")
int BPF_PROG(helper_redirect, __u64 ifindex)
{
	return helper_called(ST_HELPER_REDIRECT, ifindex);
}

SEC("st_fentry/bpf_redirect_peer")
int BPF_PROG(helper_redirect_peer, __u64 ifindex)
{
	return helper_called(ST_HELPER_REDIRECT_PEER, ifindex);
}

SEC("st_fentry/bpf_redirect_neigh")
int BPF_PROG(helper_redirect_neigh, __u64 ifindex)
{
	return helper_called(ST_HELPER_REDIRECT_NEIGH, ifindex);
}
