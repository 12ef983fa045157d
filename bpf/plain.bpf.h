/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: reading without helpers, most of all to turn away packets that are not asked for.
 *
 * Nearly every run of a program is one for a packet of no interest, and each bpf_probe_read_kernel() of the three that
 * packet_find() needs costs more than all else. Since 6.2 bpf_rdonly_cast() makes a pointer, read by plain loads that
 * give 0 where nothing is mapped. What these say is believed only where packet_find() would say the same at once: the
 * IP header at network_header, of the version that skb->protocol names. All else is left to it.
 *
 * bpf_rdonly_cast() is no helper, and a call of what a kernel does not have would keep the object from loading there.
 * So the call below has a helper's form and a number that none has; user space writes the real one over it where
 * st_plain is set (src/kern/plain.c), and where it is not, the verifier removes what is never run.
 */
#pragma once

#include "bpf/config.h"
#include "bpf/packet.bpf.h"

const volatile _Bool st_plain;

static const void *(*const st_rdonly_cast)(const void *, __u32) = (void *)ST_PATCH_RDONLY_CAST;

/* Numbers of the kernel's types, from user space: in libbpf's BTF of them (src/kern/core_btf.h) they have others. */
const volatile struct {
	__u32 sk_buff, net_device, iphdr, ipv6hdr, in6_addr;
} st_types;

#define PLAIN(name, pointer) ((const struct name *)st_rdonly_cast((pointer), st_types.name))

/* A pointer as a number: read through its own type it would be one to the verifier, too, which lets no function of ours
 * take such a thing since 6.17. An address is as good a name as any for eight bytes. */
static __always_inline __u64 plain_u64(const void *at)
{
	return *(const __u64 *)(const void *)PLAIN(in6_addr, at);
}

/* As headers_read(). */
static __always_inline void plain_headers(struct headers *h, const struct sk_buff *skb)
{
	const struct sk_buff *s = PLAIN(sk_buff, skb);

	h->protocol_be = s->protocol;
	h->network = s->network_header;
	h->mac = s->mac_header;
	h->head = (const void *)plain_u64((const void *)skb + bpf_core_field_offset(skb->head));
}

/* 1: not what the filters ask for. 0: it may be. */
static __always_inline int is_plainly_other(const struct headers *h)
{
	const void *l3 = h->head + h->network;

	if (!(st_cfg.src.family || st_cfg.dst.family || st_cfg.any.family))
		return 0;
	if (!h->network || h->network == MAC_UNSET)
		return 0;
	if (h->protocol_be == bpf_htons(ETH_P_IP)) {
		const __u32 *w = (const void *)PLAIN(iphdr, l3);
		__u8 first = *(const __u8 *)w;

		return (first & 0xf0) == 0x40 && (first & 0x0f) >= 5 && !match_addrs(4, w);
	}
	if (h->protocol_be == bpf_htons(ETH_P_IPV6)) {
		const __u32 *w = (const void *)PLAIN(ipv6hdr, l3);

		return (*(const __u8 *)w & 0xf0) == 0x60 && !match_addrs(6, w);
	}
	return 0;
}

/* As packet_find(), but -1 also for what is not asked for; anyway: it is wanted whatever it is. */
static __always_inline int plain_find(struct packet *p, const struct sk_buff *skb, int anyway)
{
	struct headers h;

	plain_headers(&h, skb);
	if (!anyway && is_plainly_other(&h))
		return -1;
	packet_find_at(p, skb, &h);
	return 0;
}

/* As dev_read(), with what else an event tells of a device. */
static __always_inline int plain_netdev(struct st_event *e, const struct net_device *dev)
{
	const struct net_device *d = PLAIN(net_device, dev);
	const struct net *net = d->nd_net.net;
	__u32 netns = net ? net->ns.inum : 0;

	if (netns < NS_INUM_MIN || d->ifindex <= 0)
		return -1;
	e->netns = netns;
	e->ifindex = d->ifindex;
	e->mtu = d->mtu;
	__builtin_memcpy(e->ifname, d->name, sizeof(e->ifname));
	return 0;
}
