/* SPDX-License-Identifier: GPL-2.0-only */
/* The packet's own bytes, from its network header on: --snaplen. */
#pragma once

#include "bpf/packet.bpf.h"
#include "bpf/part.bpf.h"

/* The bytes in fragments (skb_shared_info) are not read: that would need a loop over pages without a fixed bound. */
static __always_inline void part_bytes(const struct packet *p, const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	struct st_bytes *b = part_open(rec, ST_PART_BYTES, &head);
	const unsigned char *data = BPF_CORE_READ(skb, data), *start = p->family ? p->l3 : data;
	__u16 network = BPF_CORE_READ(skb, network_header);
	__u64 n;

	if (!p->family && network && !may_be_ip(p->proto_be))
		start = p->head + network; /* of ARP, for example */
	n = (__u64)p->head + BPF_CORE_READ(skb, tail) - (__u64)start;
	if (!n || n > ST_PAYLOAD_LINEAR_MAX)
		return;
	if (n > st_out.payload_max_bytes)
		n = st_out.payload_max_bytes;
	asm volatile("" : "+r"(n)); /* the verifier must know the bound of the very register that is used */
	if (n > st_out.payload_max_bytes || bpf_probe_read_kernel(b + 1, n, start))
		return;
	b->wire_bytes = (__u32)((__u64)data + BPF_CORE_READ(skb, len) - (__u64)start);
	b->pad = 0;
	head->len_bytes = sizeof(*b) + n;
}
