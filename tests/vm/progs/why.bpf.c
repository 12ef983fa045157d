// SPDX-License-Identifier: GPL-2.0-only
/* Programs that drop datagrams by their port, and one that does not, for tests/vm/cases/33-why.sh. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

static __always_inline int is_to(void *data, void *end, __u16 port)
{
	struct iphdr *ip = (void *)((char *)data + ETH_HLEN);
	struct udphdr *udp = (void *)(ip + 1);

	return (void *)(udp + 1) <= end && ip->version == 4 && ip->protocol == IPPROTO_UDP &&
	       udp->dest == bpf_htons(port);
}

SEC("tc")
int passes(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_UNSPEC; /* the next filter decides */
}

SEC("tc")
int drops(struct __sk_buff *skb)
{
	return is_to((void *)(long)skb->data, (void *)(long)skb->data_end, 7060) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("xdp")
int xdp_drops(struct xdp_md *xdp)
{
	return is_to((void *)(long)xdp->data, (void *)(long)xdp->data_end, 7061) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
