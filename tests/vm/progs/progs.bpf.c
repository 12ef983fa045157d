// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs for the test of --filter-trace-tc and --filter-trace-xdp: with functions of their own, with a name longer
 * than the kernel keeps, and each redirect helper once. Maps say where to.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* A function that takes the packet second, and is called from two places, so that it is one. */
static __attribute__((noinline)) int protocol_of_packet(int ip_offset, struct __sk_buff *skb)
{
	struct iphdr ip;

	if (skb->protocol != bpf_htons(ETH_P_IP) || bpf_skb_load_bytes(skb, ip_offset, &ip, sizeof(ip)))
		return -1;
	return ip.protocol;
}

/* Its argument is no packet. */
static __attribute__((noinline)) int is_echo_protocol(int protocol)
{
	return protocol == IPPROTO_ICMP;
}

SEC("tc/pass")
int passes_with_a_long_name(struct __sk_buff *skb)
{
	int protocol = protocol_of_packet(ETH_HLEN, skb);

	if (skb->mark == 77)
		protocol = protocol_of_packet(0, skb);
	return is_echo_protocol(protocol) ? TC_ACT_OK : TC_ACT_UNSPEC;
}

/* A copy goes to the loopback device, where nobody waits for it. */
SEC("tc/clone")
int clones_to_loopback(struct __sk_buff *skb)
{
	bpf_clone_redirect(skb, 1, 0);
	return TC_ACT_OK;
}

SEC("tc/drop")
int drops_echo(struct __sk_buff *skb)
{
	return protocol_of_packet(ETH_HLEN, skb) == IPPROTO_ICMP ? TC_ACT_SHOT : TC_ACT_OK;
}

/* To the peer of the device whose index the packet has as its mark. The kernel refuses both calls behind the first one,
 * because of their flags. */
SEC("tc/peer_once")
int peer_once(struct __sk_buff *skb)
{
	long ret;

	if (!skb->mark || skb->protocol != bpf_htons(ETH_P_IP))
		return TC_ACT_UNSPEC;
	ret = bpf_redirect_peer(skb->mark, 0);
	bpf_redirect_peer(1, 1 << 4);
	bpf_redirect(1, 1 << 4);
	return ret;
}

#define SERVICE_BE bpf_htonl(0x0a600001) /* 10.96.0.1 */
#define BACKEND_BE bpf_htonl(0x0a000043) /* 10.0.0.67, pod2 */

static __always_inline int translate(struct __sk_buff *skb, __u32 offset, __u32 from_be, __u32 to_be)
{
	__u32 addr_be, at = ETH_HLEN + offset;

	if (skb->protocol == bpf_htons(ETH_P_IP) && !bpf_skb_load_bytes(skb, at, &addr_be, sizeof(addr_be)) &&
	    addr_be == from_be) {
		bpf_l3_csum_replace(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, check), from_be, to_be, 4);
		bpf_skb_store_bytes(skb, at, &to_be, sizeof(to_be), 0);
	}
	return TC_ACT_UNSPEC; /* the next filter decides */
}

/* A service's address becomes that of the pod behind it, and back. */
SEC("tc/to_backend")
int to_backend(struct __sk_buff *skb)
{
	return translate(skb, __builtin_offsetof(struct iphdr, daddr), SERVICE_BE, BACKEND_BE);
}

SEC("tc/from_backend")
int from_backend(struct __sk_buff *skb)
{
	return translate(skb, __builtin_offsetof(struct iphdr, saddr), BACKEND_BE, SERVICE_BE);
}

static __attribute__((noinline)) int frame_bytes(struct xdp_md *xdp)
{
	return (int)(xdp->data_end - xdp->data);
}

SEC("xdp")
int xdp_passes(struct xdp_md *xdp)
{
	return frame_bytes(xdp) > 0 ? XDP_PASS : XDP_ABORTED;
}

char LICENSE[] SEC("license") = "GPL";
