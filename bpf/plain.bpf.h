/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: reading without helpers. A call of a helper costs more than everything else. Since 6.2
 * bpf_rdonly_cast() makes a pointer that plain loads may read; they give 0 where nothing is mapped.
 *
 * bpf_rdonly_cast() is not a helper but a kernel function (kfunc), and an object that calls a missing kernel function
 * does not load. So the call below has the form of a helper call, with a number that no helper has. If st_cfg.plain is
 * set, user space writes the real call over it (src/kern/load/rdonly_cast.c). If it is not set, the verifier removes
 * the call as dead code.
 */
#pragma once

#include "bpf/config.h"
#include "bpf/packet.bpf.h"

static const void *(*const st_rdonly_cast)(const void *, __u32) = (void *)ST_PATCH_RDONLY_CAST;

#define PLAIN(name, pointer) ((const struct name *)st_rdonly_cast((pointer), ST_PATCH_##name))

/* 512 bytes of any content, as a structure that begins with such an array (include/linux/bpf.h). What is read this way
 * is a number. Read through its own type a pointer would be one to the verifier, too, and since 6.17 no
 * function of ours may take such a pointer. */
static __always_inline const void *plain_bytes(const void *at)
{
	return st_rdonly_cast(at, ST_PATCH_bpf_bprintf_buffers);
}

struct plain_headers {
	const unsigned char *head, *l3;
	__u64 network;	    /* skb->network_header; 0: not set, and l3 is of no use */
	__s64 linear_bytes; /* from l3 on */
	__u16 proto_be;
};

/* Like headers_read(). Three members with one read: user space has made sure of their distances. */
static __always_inline struct plain_headers plain_headers(const struct sk_buff *skb)
{
	const struct sk_buff *s = plain_bytes(skb);
	/* aligned: clang would read halves of it */
	__u64 both = *(const __u64 *)__builtin_assume_aligned(&s->network_header, 8), network = both & 0xffff;
	const unsigned char *head = s->head;

	return (struct plain_headers){.head = head,
				      .l3 = head + network,
				      .network = network,
				      .linear_bytes = (both >> 8 * ST_TAIL_BEHIND_NETWORK) - network,
				      .proto_be = s->protocol};
}

/* bytes: the result of plain_bytes(); n: a multiple of 8. Each read is checked by the kernel, so reads of 8 bytes are
 * the cheapest, whatever their alignment. */
static __always_inline void plain_copy(void *to, const void *bytes, const __u32 n)
{
	__builtin_memcpy(__builtin_assume_aligned(to, 8), __builtin_assume_aligned(bytes, 8), n);
}

/* Like packet_read_l4(). */
static __always_inline void plain_l4(struct packet *p)
{
	packet_find_l4(p);
	if (p->has_l4)
		plain_copy(p->l4h.b, plain_bytes(p->l3 + p->l4_off_bytes), L4_BYTES);
}

/* Like skb_read(). */
static __always_inline void plain_skb(const struct sk_buff *skb, struct skb_info *ret)
{
	const struct sk_buff *s = PLAIN(sk_buff, skb);

	ret->dev = s->dev;
	ret->len_bytes = s->len;
	ret->mark = st_cfg.without_mark_mtu ? 0 : s->mark;
}

/* Since 5.11 a helper returns the running task as a pointer that plain loads may read: one call instead of two. */
const volatile _Bool st_task_plain;

static __always_inline void fill_task(struct st_event *e)
{
	if (st_task_plain) {
		const struct task_struct *task = (const void *)bpf_get_current_task_btf();
		const __u64 *from = (const void *)task + bpf_core_field_offset(task->comm);
		__u64 *to = (__u64 *)e->comm; /* behind the name may be the rest of a longer one */

		e->pid = task->tgid;
		to[0] = from[0];
		to[1] = from[1];
	} else {
		e->pid = bpf_get_current_pid_tgid() >> 32;
		bpf_get_current_comm(e->comm, sizeof(e->comm));
	}
}

/* Like dev_read(), with the other members of a device that an event shows. */
static __always_inline int plain_netdev(struct st_event *e, const struct net_device *dev)
{
	const struct net_device *d = PLAIN(net_device, dev);
	const struct net *net = d->nd_net.net;
	__u32 netns = net ? net->ns.inum : 0;
	__s32 ifindex = d->ifindex;

	if (netns < NS_INUM_MIN || ifindex <= 0)
		return -1;
	e->netns = netns;
	e->ifindex = ifindex;
	if (!st_cfg.without_mark_mtu)
		e->mtu = d->mtu;
	__builtin_memcpy(e->ifname, d->name, sizeof(e->ifname));
	return 0;
}
