/* SPDX-License-Identifier: GPL-2.0-only */
/* The packet's own bytes, from its network header on: --snaplen. */
#pragma once

#include "bpf/output.bpf.h"

/* What lies in pages beside the packet's head is not read: a probe could not follow it in bounded time. */
static __always_inline void part_bytes(const struct packet *p, const struct sk_buff *skb, char *rec)
{
	struct st_part *head;
	struct st_bytes *b = part_open(rec, ST_PART_BYTES, &head);
	const unsigned char *data = BPF_CORE_READ(skb, data), *start = p->family ? p->l3 : data;
	__u64 n = (__u64)p->head + BPF_CORE_READ(skb, tail) - (__u64)start;

	if (!n || n > ST_SNAP_LINEAR_MAX)
		return;
	if (n > st_out.snap_bytes)
		n = st_out.snap_bytes;
	asm volatile("" : "+r"(n)); /* what the verifier knows of n must be of the value that is used */
	if (n > st_out.snap_bytes || bpf_probe_read_kernel(b + 1, n, start))
		return;
	b->wire_bytes = (__u32)((__u64)data + BPF_CORE_READ(skb, len) - (__u64)start);
	b->pad = 0;
	head->len_bytes = sizeof(*b) + n;
}
