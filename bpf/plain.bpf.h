/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: reading without helpers, each of which costs more than all else. Since 6.2 bpf_rdonly_cast()
 * makes a pointer, read by plain loads that give 0 where nothing is mapped.
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

/* As headers_read() and headers_take(). */
static __always_inline void plain_headers(struct headers *h, const struct sk_buff *skb)
{
	const struct sk_buff *s = PLAIN(sk_buff, skb);

	h->protocol_be = s->protocol;
	h->network = s->network_header;
	h->mac = s->mac_header;
	h->head = (const void *)plain_u64((const void *)skb + bpf_core_field_offset(skb->head));
}

/* As bpf_probe_read_kernel() of an IP header into p. */
static __always_inline void plain_l3(struct packet *p, const unsigned char *at)
{
#pragma unroll
	for (int i = 0; i < L3_MAX_BYTES / 8; i++)
		p->words[i] = plain_u64(at + 8 * i);
}

/* As skb_read(). */
static __always_inline void plain_skb(const struct sk_buff *skb, struct skb_info *ret)
{
	const struct sk_buff *s = PLAIN(sk_buff, skb);

	ret->dev = s->dev;
	ret->len_bytes = s->len;
	ret->mark = s->mark;
}

/* Since 5.11 a helper gives the task that runs as a pointer that is read by plain loads: one call instead of two. */
const volatile _Bool st_task_plain;

static __always_inline void fill_task(struct st_event *e)
{
	if (st_task_plain) {
		const struct task_struct *task = (const void *)bpf_get_current_task_btf();
		const __u64 *from = (const void *)task + bpf_core_field_offset(task->comm);
		__u64 *to = (__u64 *)e->comm; /* behind the name may be what is left of a longer one */

		e->pid = task->tgid;
		to[0] = from[0];
		to[1] = from[1];
	} else {
		e->pid = bpf_get_current_pid_tgid() >> 32;
		bpf_get_current_comm(e->comm, sizeof(e->comm));
	}
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
