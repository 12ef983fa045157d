/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The evidence for the verdict of a check: one fentry, fexit or raw tracepoint program per hook.
 *
 * The kprobes of the function trace share one recursion guard per CPU. So older kernels silently skip a packet that is
 * handled in an interrupt of another probe. The programs here have either no guard (5.10) or one guard each, whose
 * misses the kernel counts (recursion_misses). So a check can tell "the packet was not there" from "the program did not
 * run". Each program numbers its records per CPU; the reader sees a lost record as a gap.
 */
#include "bpf/kernel.h"

#include "bpf/config.h"
#include "bpf/enabled.bpf.h"
#include "bpf/flow.bpf.h"
#include "bpf/translated.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define EAGAIN		11
#define TC_ACT_REDIRECT 7 /* include/uapi/linux/pkt_cls.h */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 12); /* user space sets the size before the load */
} st_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ST_HOOK_MAX);
	__type(key, __u32);
	__type(value, struct st_counters);
} st_count SEC(".maps");

struct helper_call {
	__u64 flags;
	__u32 helper; /* enum st_helper */
	__u32 ifindex;
};

/* The redirect helper that last told the kernel a device on this CPU. A tc program calls the helper, and
 * skb_do_redirect() carries it out, without a break in one softirq on one CPU. So the call belongs to the packet of
 * skb_do_redirect(). */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct helper_call);
} st_helper_call SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ST_TX_SEEN_MAX *ST_WATCH_MAX);
	__type(key, __u32);
	__type(value, __u64);
} st_tx_seen SEC(".maps");

static __always_inline void send(struct st_hook_event *w, const struct sk_buff *skb, const struct net_device *dev,
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
	struct st_hook_event w;

	if (flow_match(&w, skb, dev))
		send(&w, skb, dev, hook);
	return 0;
}

/* Counts every transmission of a watched device that a program sees, so that the counter of the device can contradict
 * ours. */
static __always_inline void count_watched(const struct net_device *dev, enum st_tx_seen_by by)
{
	__u32 ifindex = BPF_CORE_READ(dev, ifindex);

	if (!is_on())
		return;
#pragma unroll
	for (__u32 i = 0; i < ST_WATCH_MAX; i++) {
		__u32 key = by * ST_WATCH_MAX + i;
		__u64 *seen;

		if (!st_flow.watch[i].ifindex || st_flow.watch[i].ifindex != ifindex ||
		    st_flow.watch[i].netns != BPF_CORE_READ(dev, nd_net.net, ns.inum))
			continue;
		seen = bpf_map_lookup_elem(&st_tx_seen, &key);
		if (seen)
			++*seen;
	}
}

SEC("raw_tp/net_dev_start_xmit")
int start_xmit(struct bpf_raw_tracepoint_args *ctx)
{
	const struct net_device *dev = (const struct net_device *)ctx->args[1];

	count_watched(dev, ST_TX_SEEN_BY_XMIT);
	return witness((const struct sk_buff *)ctx->args[0], dev, ST_HOOK_XMIT);
}

SEC("raw_tp/netif_receive_skb")
int receive(struct bpf_raw_tracepoint_args *ctx)
{
	const struct sk_buff *skb = (const struct sk_buff *)ctx->args[0];

	return witness(skb, BPF_CORE_READ(skb, dev), ST_HOOK_RECEIVE);
}

SEC("raw_tp/kfree_skb")
int drop(struct bpf_raw_tracepoint_args *ctx)
{
	const struct sk_buff *skb = (const struct sk_buff *)ctx->args[0];
	const struct net_device *dev = BPF_CORE_READ(skb, dev);
	struct st_hook_event w;

	if (!flow_match(&w, skb, dev))
		return 0;
	w.location = ctx->args[1];
	if (st_flow.has_drop_reason) {
		w.drop_reason = ctx->args[2];
		w.has_reason = 1;
	}
	send(&w, skb, dev, ST_HOOK_DROP);
	return 0;
}

SEC("st_fentry/skb_do_redirect")
int BPF_PROG(redirect, struct sk_buff *skb)
{
	struct helper_call *call;
	struct st_hook_event w;
	__u32 zero = 0;

	if (!flow_match(&w, skb, skb->dev))
		return 0;
	call = bpf_map_lookup_elem(&st_helper_call, &zero);
	if (call) {
		w.helper = call->helper;
		w.helper_ifindex = call->ifindex;
		w.helper_flags = call->flags;
		call->helper = ST_HELPER_NONE;
	}
	send(&w, skb, skb->dev, ST_HOOK_REDIRECT);
	return 0;
}

/* Any other return value means that the packet was given away: then the program must not access skb. */
SEC("st_fexit/skb_do_redirect")
int BPF_PROG(peer, struct sk_buff *skb, int ret)
{
	return ret == -EAGAIN ? witness(skb, skb->dev, ST_HOOK_PEER) : 0;
}

static __always_inline int ip_input(const struct sk_buff *skb, const struct net_device *dev,
				    const struct net_device *orig)
{
	struct dev_info info;
	struct st_hook_event w;

	if (!flow_match(&w, skb, dev))
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

/* What GRO hands on together enters IP as a list: ip_list_rcv(), net/ipv4/ip_input.c. An skb begins with its list's
 * entry (include/linux/skbuff.h). The arguments are addresses: so the verifier checks this function once. */
__attribute__((noinline)) int ip_input_of_list(__u64 skb, __u64 orig)
{
	const struct sk_buff *s = (const struct sk_buff *)skb;

	return ip_input(s, BPF_CORE_READ(s, dev), (const struct net_device *)orig);
}

#define LIST_MAX_SKBS 256 /* what comes after these counts as lost */

/* args: head, packet type, orig_dev. They are read as numbers, as 5.10 passes no pointers to ip_input_of_list(). */
static __always_inline int ip_input_list(const void *args)
{
	__u32 hook = ST_HOOK_IP_RCV;
	struct st_counters *c;
	__u64 arg[3], at = 0;

	if (!is_on() || bpf_probe_read_kernel(arg, sizeof(arg), args) ||
	    bpf_probe_read_kernel(&at, sizeof(at), (const void *)arg[0]))
		return 0;
	for (int i = 0; i < LIST_MAX_SKBS; i++) {
		if (!at || at == arg[0])
			return 0;
		ip_input_of_list(at, arg[2]);
		if (bpf_probe_read_kernel(&at, sizeof(at), (const void *)at))
			break;
	}
	c = bpf_map_lookup_elem(&st_count, &hook);
	if (c)
		c->lost_ring++;
	return 0;
}

SEC("st_fentry/ip_list_rcv")
int ip_list_rcv(__u64 *ctx)
{
	return ip_input_list(ctx);
}

SEC("st_fentry/ipv6_list_rcv")
int ipv6_list_rcv(__u64 *ctx)
{
	return ip_input_list(ctx);
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

/* The bridge is often a module. This program is for kernels on which it has BTF. */
SEC("st_fentry/bridge/__br_forward")
int BPF_PROG(bridge_entry, void *to, struct sk_buff *skb)
{
	return witness(skb, skb->dev, ST_HOOK_BRIDGE);
}

/* For kernels on which the bridge has no BTF: 5.10 has no BTF for modules. The event names the mechanism; no verdict
 * relies on its absence. */
SEC("kprobe/__br_forward")
int bridge(struct pt_regs *ctx)
{
	const struct sk_buff *skb = (const struct sk_buff *)PT_REGS_PARM2(ctx);

	return witness(skb, BPF_CORE_READ(skb, dev), ST_HOOK_BRIDGE);
}

SEC("st_fentry/veth/veth_xmit")
int BPF_PROG(veth, struct sk_buff *skb, struct net_device *dev)
{
	count_watched(dev, ST_TX_SEEN_BY_DRIVER);
	return witness(skb, dev, ST_HOOK_VETH);
}

SEC("st_fentry/netkit_xmit")
int BPF_PROG(netkit, struct sk_buff *skb, struct net_device *dev)
{
	count_watched(dev, ST_TX_SEEN_BY_DRIVER);
	return witness(skb, dev, ST_HOOK_NETKIT);
}

/* A call that the kernel refuses leaves what an earlier one told it (net/core/filter.c). */
static __always_inline int helper_called(__u32 helper, __u64 ifindex, __u64 flags, __u64 ret)
{
	struct helper_call *call;
	__u32 zero = 0;

	if (ret != TC_ACT_REDIRECT)
		return 0;
	call = bpf_map_lookup_elem(&st_helper_call, &zero);
	if (call) {
		call->helper = helper;
		call->ifindex = ifindex;
		call->flags = flags;
	}
	return 0;
}

/* BPF helpers take five u64, whatever their prototype (BPF_CALL_x, include/linux/filter.h). */
SEC("st_fexit/bpf_redirect")
int BPF_PROG(helper_redirect, __u64 ifindex, __u64 flags, __u64 a3, __u64 a4, __u64 a5, __u64 ret)
{
	return helper_called(ST_HELPER_REDIRECT, ifindex, flags, ret);
}

SEC("st_fexit/bpf_redirect_peer")
int BPF_PROG(helper_redirect_peer, __u64 ifindex, __u64 flags, __u64 a3, __u64 a4, __u64 a5, __u64 ret)
{
	return helper_called(ST_HELPER_REDIRECT_PEER, ifindex, flags, ret);
}

SEC("st_fexit/bpf_redirect_neigh")
int BPF_PROG(helper_redirect_neigh, __u64 ifindex, __u64 params, __u64 plen, __u64 flags, __u64 a5, __u64 ret)
{
	return helper_called(ST_HELPER_REDIRECT_NEIGH, ifindex, flags, ret);
}
