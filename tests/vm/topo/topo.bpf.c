// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs that carry packets from pod to pod in the test topologies.
 * Each sits where a pod's packets enter the host (tc or tcx ingress of lxcN; for
 * netkit on the pod's side of the pair), takes unicast IP to one of the two pods
 * and lets everything else pass (ARP, neighbour discovery, multicast).
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "pods.h"

#define ICMP_ECHO_REQUEST   8
#define ICMPV6_ECHO_REQUEST 128
#define NOT_A_POD	    (-1)

const volatile struct topo_pod pods[TOPO_PODS];

/* Where the packet goes, and what of it drop_echo asks. */
struct packet {
	int pod; /* index in pods, or NOT_A_POD */
	bool echo_request;
};

static __always_inline bool same_v6(const __u8 a[16], const volatile __u8 b[16])
{
	for (int i = 0; i < 16; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static __always_inline void parse_v4(struct __sk_buff *skb, struct packet *p)
{
	struct iphdr ip;
	__u8 type = 0;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
		return;
	for (int i = 0; i < TOPO_PODS; i++)
		if (ip.daddr == pods[i].v4_be)
			p->pod = i;
	if (ip.protocol == IPPROTO_ICMP && !bpf_skb_load_bytes(skb, ETH_HLEN + ip.ihl * 4, &type, sizeof(type)))
		p->echo_request = type == ICMP_ECHO_REQUEST;
}

static __always_inline void parse_v6(struct __sk_buff *skb, struct packet *p)
{
	struct ipv6hdr ip6;
	__u8 type = 0;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip6, sizeof(ip6)))
		return;
	for (int i = 0; i < TOPO_PODS; i++)
		if (same_v6(ip6.daddr.in6_u.u6_addr8, pods[i].v6))
			p->pod = i;
	if (ip6.nexthdr == IPPROTO_ICMPV6 && !bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip6), &type, sizeof(type)))
		p->echo_request = type == ICMPV6_ECHO_REQUEST;
}

static __always_inline struct packet parse(struct __sk_buff *skb)
{
	struct packet p = {.pod = NOT_A_POD};

	if (skb->protocol == bpf_htons(ETH_P_IP))
		parse_v4(skb, &p);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		parse_v6(skb, &p);
	return p;
}

/* As if the packet had come through the destination's own veth pair. */
static __always_inline void rewrite_macs(struct __sk_buff *skb, const volatile struct topo_pod *to)
{
	__u8 macs[2 * ETH_ALEN];

	for (int i = 0; i < ETH_ALEN; i++) {
		macs[i] = to->pod_mac[i];
		macs[ETH_ALEN + i] = to->host_mac[i];
	}
	bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0);
}

static __always_inline int to_peer(struct __sk_buff *skb, int pod)
{
	if (pod == NOT_A_POD)
		return TC_ACT_OK;
	/* Not an index: the verifier of 5.10 cannot follow it into read-only data. */
	const volatile struct topo_pod *to = pod == 0 ? &pods[0] : &pods[1];

	rewrite_macs(skb, to);
	return bpf_redirect_peer(to->host_ifindex, 0);
}

static __always_inline int to_device(struct __sk_buff *skb, int pod, bool ethernet)
{
	if (pod == NOT_A_POD)
		return TC_ACT_OK;
	const volatile struct topo_pod *to = pod == 0 ? &pods[0] : &pods[1];

	if (ethernet)
		rewrite_macs(skb, to);
	return bpf_redirect(to->host_ifindex, 0);
}

SEC("tc")
int from_pod_peer(struct __sk_buff *skb)
{
	return to_peer(skb, parse(skb).pod);
}

SEC("tc")
int from_pod_redirect(struct __sk_buff *skb)
{
	return to_device(skb, parse(skb).pod, true);
}

/* netkit in l3 mode: there are no addresses to rewrite. */
SEC("tc")
int from_pod_netkit(struct __sk_buff *skb)
{
	return to_device(skb, parse(skb).pod, false);
}

/* A policy: no echo requests to the second pod. */
SEC("tc")
int from_pod_policy(struct __sk_buff *skb)
{
	struct packet p = parse(skb);

	if (p.pod == 1 && p.echo_request)
		return TC_ACT_SHOT;
	return to_peer(skb, p.pod);
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4); /* the first is used; cases fill the others */
	__type(key, __u32);
	__type(value, __u32);
} tail_calls SEC(".maps");

/* The redirect behind a tail call, as real datapaths do it. */
SEC("tc")
int tail_deliver(struct __sk_buff *skb)
{
	return to_peer(skb, parse(skb).pod);
}

SEC("tc")
int from_pod_tail(struct __sk_buff *skb)
{
	if (parse(skb).pod == NOT_A_POD)
		return TC_ACT_OK;
	bpf_tail_call(skb, &tail_calls, 0);
	return TC_ACT_SHOT; /* the program array is gone: better no packet than another path */
}

char LICENSE[] SEC("license") = "GPL";
