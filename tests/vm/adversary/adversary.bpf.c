// SPDX-License-Identifier: GPL-2.0-only
/*
 * One program for every place where a packet between the pods can be taken another way. What it does is in plan[],
 * which user space writes before the traffic; what it did is in tracks[].
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "plan.h"

#define SELF_MARK     0xad5e1f
#define MIRRED_MARK   0x6d /* as setup.c says it to the filter behind ours */
#define FRAG_OFFSET   0x1fff
#define NOT_OURS      (-1)
#define NEXT_FRAGMENT 44
#define NEXT_OPTIONS  60

/* Two generations: a program that is swapped in acts by the second. */
struct adv_rule plan[2][ADV_KINDS][ADV_DIRS][ADV_HOOKS];
struct adv_track tracks[ADV_KINDS][ADV_DIRS][ADV_NUMBERS];
__u32 order[ADV_KINDS][ADV_DIRS][ADV_HOOKS];
__u32 run;
__u32 lxc[2], hop, swallow;
__u32 vip_be;

struct packet {
	int dir; /* or NOT_OURS */
	__u32 kind, number;
	bool has_number, later, extended;
};

enum place { IN_LXC, OUT_LXC, IN_POD, OUT_POD, IN_HOP };

/* pod1 is 10.0.0.133 and fd00::133, pod2 10.0.0.67 and fd00::67. */
static __always_inline int pod_of_v4(__be32 addr)
{
	if (addr == bpf_htonl(0x0a000085))
		return 0;
	if (addr == bpf_htonl(0x0a000043) || (vip_be && addr == vip_be))
		return 1;
	return 2;
}

static __always_inline int pod_of_v6(const struct in6_addr *addr)
{
	if (addr->in6_u.u6_addr32[0] != bpf_htonl(0xfd000000) || addr->in6_u.u6_addr32[1] || addr->in6_u.u6_addr32[2])
		return 2;
	if (addr->in6_u.u6_addr32[3] == bpf_htonl(0x133))
		return 0;
	return addr->in6_u.u6_addr32[3] == bpf_htonl(0x67) ? 1 : 2;
}

static __always_inline int direction(int from, int to)
{
	return from + to == 1 ? from : NOT_OURS;
}

struct headers {
	int dir;
	__u8 proto;
	bool later;
	__u8 echo[8]; /* of an unfragmented packet without options: type, code, checksum, id, sequence */
	bool has_echo;
};

static __always_inline bool is_echo(__u8 proto, __u8 type)
{
	return (proto == IPPROTO_ICMP && (type == 8 || type == 0)) ||
	       (proto == IPPROTO_ICMPV6 && (type == 128 || type == 129));
}

/* What becomes of the headers once they are read. */
static __always_inline void identify(struct packet *p, const struct headers *h, const struct adv_mark *mark,
				     bool marked)
{
	p->later = h->later;
	p->extended = h->proto == NEXT_OPTIONS;
	if (h->proto == IPPROTO_TCP && !h->later) {
		p->dir = h->dir;
		return;
	}
	if (marked && mark->magic == ADV_MAGIC) {
		if (mark->run != (run & 0xff) || mark->kind >= ADV_KINDS)
			return;
		p->dir = h->dir;
		p->kind = mark->kind;
		p->number = mark->number % ADV_NUMBERS;
		p->has_number = true;
		return;
	}
	if (h->has_echo && is_echo(h->proto, h->echo[0])) {
		p->dir = h->dir;
		p->number = h->echo[7] % ADV_NUMBERS;
		p->has_number = true;
	}
}

static __always_inline int read_headers(struct __sk_buff *skb, struct headers *h)
{
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
			return -1;
		h->dir = direction(pod_of_v4(ip.saddr), pod_of_v4(ip.daddr));
		h->proto = ip.protocol;
		h->later = ip.frag_off & bpf_htons(FRAG_OFFSET);
		h->has_echo = !h->later && ip.ihl == 5 &&
			      !bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), h->echo, sizeof(h->echo));
		return 0;
	}
	if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr ip6;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip6, sizeof(ip6)))
			return -1;
		h->dir = direction(pod_of_v6(&ip6.saddr), pod_of_v6(&ip6.daddr));
		h->proto = ip6.nexthdr;
		h->has_echo = !bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip6), h->echo, sizeof(h->echo));
		h->later = ip6.nexthdr == NEXT_FRAGMENT && h->has_echo && (h->echo[2] || h->echo[3] & 0xf8);
		return 0;
	}
	return -1;
}

static __always_inline bool parse(struct __sk_buff *skb, struct packet *p)
{
	struct headers h = {.dir = NOT_OURS};
	struct adv_mark mark = {};

	if (read_headers(skb, &h) || h.dir == NOT_OURS)
		return false;
	identify(p, &h, &mark, !bpf_skb_load_bytes(skb, skb->len - sizeof(mark), &mark, sizeof(mark)));
	return p->dir != NOT_OURS;
}

static __always_inline bool selects(const struct adv_rule *r, const struct packet *p, __u32 number, __u32 len)
{
	switch (r->select) {
	case SELECT_NTH:
		return r->arg && number % r->arg == (r->arg > 1);
	case SELECT_ONE:
		return number == r->arg;
	case SELECT_AFTER:
		return number >= r->arg;
	case SELECT_BIG:
		return len > r->arg * 100u;
	case SELECT_LATER:
		return p->later;
	case SELECT_FIRST:
		return !p->later;
	case SELECT_EXTENDED:
		return p->extended;
	default:
		return false;
	}
}

static __always_inline __u8 choose(const struct packet *p, __u32 hook, __u32 gen, __u32 len, bool *ret_self)
{
	__u32 kind = p->kind & 1, dir = p->dir & 1;
	struct adv_rule *r = &plan[gen & 1][kind][dir][hook & 7];
	__u32 number = order[kind][dir][hook & 7]++;

	if (p->has_number)
		number = p->number;
	*ret_self = r->self;
	return selects(r, p, number, len) ? r->alt : r->act;
}

static __always_inline void note(const struct packet *p, __u32 hook, __u8 act)
{
	tracks[p->kind & 1][p->dir & 1][p->number & 63].acts[hook & 7][act & 15]++;
}

/* As if the packet had come through the far pod's own veth pair. */
static __always_inline void rewrite_macs(struct __sk_buff *skb, int dir)
{
	__u8 pod = dir ? 1 : 2, macs[2 * ETH_ALEN] = {2, 0, 0, 0, pod, 2, 2, 0, 0, 0, pod, 1};

	bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0);
}

static __always_inline int act_on(struct __sk_buff *skb, __u8 act, int dir)
{
	__u32 far = lxc[(dir ^ 1) & 1], near = lxc[dir & 1];

	if (act != ACT_OK && act != ACT_NEIGH && act != ACT_DROP)
		rewrite_macs(skb, dir);
	switch (act) {
	case ACT_PEER:
		return bpf_redirect_peer(far, 0);
	case ACT_BACK:
		return bpf_redirect_peer(near, 0);
	case ACT_REDIRECT:
		return bpf_redirect(far, 0);
	case ACT_NEIGH:
		return bpf_redirect_neigh(far, NULL, 0, 0);
	case ACT_CLONE:
		bpf_clone_redirect(skb, far, 0);
		return TC_ACT_SHOT;
	case ACT_CLONE_PEER:
		bpf_clone_redirect(skb, far, 0);
		return bpf_redirect_peer(far, 0);
	case ACT_SIDE_PEER:
		bpf_clone_redirect(skb, swallow, 0);
		return bpf_redirect_peer(far, 0);
	case ACT_MIRRED:
		skb->mark = MIRRED_MARK;
		return TC_ACT_UNSPEC;
	case ACT_DROP:
		return TC_ACT_SHOT;
	case ACT_SWALLOW:
		return bpf_redirect(swallow, 0);
	case ACT_HOP:
		return bpf_redirect(hop, 0);
	case ACT_INGRESS:
		return bpf_redirect(far, BPF_F_INGRESS);
	default:
		return TC_ACT_OK;
	}
}

/* In the direction of the packet; a hook that it should not come to leaves it alone. */
static __always_inline int hook_of(enum place place, int pod, int dir)
{
	switch (place) {
	case IN_LXC:
		return pod == dir ? AT_NEAR_IN : AT_FAR_IN;
	case OUT_LXC:
		return pod == dir ? NOT_OURS : AT_FAR_OUT;
	case IN_POD:
		return pod == dir ? NOT_OURS : AT_POD_IN;
	case OUT_POD:
		return pod == dir ? AT_POD_OUT : NOT_OURS;
	case IN_HOP:
		return AT_HOP_IN;
	}
	return NOT_OURS;
}

static __always_inline int handle(struct __sk_buff *skb, enum place place, int pod, __u32 gen)
{
	struct packet p = {.dir = NOT_OURS};
	bool self = false;
	__u8 act;
	int hook;

	if (!parse(skb, &p))
		return TC_ACT_OK;
	hook = hook_of(place, pod, p.dir);
	if (hook == NOT_OURS)
		return TC_ACT_OK;
	act = choose(&p, hook, gen, skb->len, &self);
	if (self && skb->mark != SELF_MARK) {
		note(&p, hook, ACT_SELF);
		skb->mark = SELF_MARK;
		return bpf_redirect(skb->ifindex, place == OUT_LXC || place == OUT_POD ? 0 : BPF_F_INGRESS);
	}
	if (skb->mark == SELF_MARK)
		skb->mark = 0;
	note(&p, hook, act);
	return act_on(skb, act, p.dir);
}

#define TC(name, place, pod, gen)                                                                                      \
	SEC("tc")                                                                                                      \
	int name(struct __sk_buff *skb)                                                                                \
	{                                                                                                              \
		return handle(skb, place, pod, gen);                                                                   \
	}

TC(lxc1_in, IN_LXC, 0, 0)
TC(lxc2_in, IN_LXC, 1, 0)
TC(lxc1_in_next, IN_LXC, 0, 1)
TC(lxc2_in_next, IN_LXC, 1, 1)
TC(lxc1_out, OUT_LXC, 0, 0)
TC(lxc2_out, OUT_LXC, 1, 0)
TC(pod1_in, IN_POD, 0, 0)
TC(pod2_in, IN_POD, 1, 0)
TC(pod1_out, OUT_POD, 0, 0)
TC(pod2_out, OUT_POD, 1, 0)
TC(hop_in, IN_HOP, 0, 0)

/* The last bytes of a frame are at an offset that is known at run time only; the mask is for the verifier. */
static __always_inline bool xdp_mark(struct xdp_md *ctx, struct adv_mark *ret)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *at;
	__u64 len = end - data;

	if (len < ETH_HLEN + sizeof(*ret) || len > 0x3fff)
		return false;
	at = data + ((len - sizeof(*ret)) & 0x3fff);
	if (at + sizeof(*ret) > end)
		return false;
	__builtin_memcpy(ret, at, sizeof(*ret));
	return true;
}

static __always_inline bool xdp_headers(struct xdp_md *ctx, struct headers *h)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return false;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((__u8 *)(ip + 1) + sizeof(h->echo) > (__u8 *)end)
			return false;
		h->dir = direction(pod_of_v4(ip->saddr), pod_of_v4(ip->daddr));
		h->proto = ip->protocol;
		h->later = ip->frag_off & bpf_htons(FRAG_OFFSET);
		h->has_echo = !h->later && ip->ihl == 5;
		__builtin_memcpy(h->echo, ip + 1, sizeof(h->echo));
		return true;
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);

		if ((__u8 *)(ip6 + 1) + sizeof(h->echo) > (__u8 *)end)
			return false;
		h->dir = direction(pod_of_v6(&ip6->saddr), pod_of_v6(&ip6->daddr));
		h->proto = ip6->nexthdr;
		h->has_echo = true;
		__builtin_memcpy(h->echo, ip6 + 1, sizeof(h->echo));
		h->later = ip6->nexthdr == NEXT_FRAGMENT && (h->echo[2] || h->echo[3] & 0xf8);
		return true;
	}
	return false;
}

static __always_inline int handle_xdp(struct xdp_md *ctx, int pod)
{
	struct packet p = {.dir = NOT_OURS};
	struct headers h = {.dir = NOT_OURS};
	struct adv_mark mark = {};
	bool marked = xdp_mark(ctx, &mark), self;
	__u8 *data, *end;
	__u8 act, other;

	if (!xdp_headers(ctx, &h) || h.dir != pod)
		return XDP_PASS;
	identify(&p, &h, &mark, marked);
	if (p.dir != pod)
		return XDP_PASS;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	act = choose(&p, AT_XDP, 0, end - data, &self);
	note(&p, AT_XDP, act);
	if (act == ACT_DROP)
		return XDP_DROP;
	if (act != ACT_XDP || data + 2 * ETH_ALEN > end)
		return XDP_PASS;
	other = pod ? 1 : 2;
	__u8 macs[2 * ETH_ALEN] = {2, 0, 0, 0, other, 2, 2, 0, 0, 0, other, 1};
	__builtin_memcpy(data, macs, sizeof(macs));
	return bpf_redirect(lxc[!pod], 0);
}

SEC("xdp")
int lxc1_xdp(struct xdp_md *ctx)
{
	return handle_xdp(ctx, 0);
}

SEC("xdp")
int lxc2_xdp(struct xdp_md *ctx)
{
	return handle_xdp(ctx, 1);
}

/* On a pod's eth0: veth takes XDP frames only where one is attached. */
SEC("xdp")
int pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
