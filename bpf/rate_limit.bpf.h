/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits which of the matching events are recorded: those of one flow in N (--sample), and at most a given number per
 * second (--max-rate). Sampling keeps all events of a packet. The rate limit bounds the cost of a flood and may cut
 * anywhere.
 */
#pragma once

#include "bpf/config.h"
#include "bpf/packet.bpf.h"

/* The hash of a flow is the same for both directions, so that a reply is sampled if its request is. The ports of an
 * IPv4 fragment are left out, because only the first fragment has ports. */
static __always_inline __u32 flow_hash(const struct packet *p)
{
	int fragment = p->family == 4 && (*(const __u16 *)(p->b + 6) & bpf_htons(0x3fff));
	__u32 h = p->l4;

	if (p->family == 4)
		h ^= p->w_be[3] ^ p->w_be[4];
	else if (p->family == 6)
		h ^= p->w_be[2] ^ p->w_be[3] ^ p->w_be[4] ^ p->w_be[5] ^ p->w_be[6] ^ p->w_be[7] ^ p->w_be[8] ^
		     p->w_be[9];
	if (p->has_l4 && !fragment && l4_has_ports(p->l4))
		h ^= (__u32)(l4_u16(p, 0) ^ l4_u16(p, 2)) << 16;
	/* the finalizer of MurmurHash3: neighbouring addresses must be sampled independently */
	h ^= h >> 16;
	h *= 0x85ebca6b;
	h ^= h >> 13;
	h *= 0xc2b2ae35;
	return h ^ h >> 16;
}

static __always_inline int is_sampled(const struct packet *p)
{
	return st_cfg.sample <= 1 || flow_hash(p) % st_cfg.sample == 0;
}

struct rate_window {
	__u64 start_ns;
	__u64 n;
};

/* One window for all CPUs, because the limit is that of the whole node. Two CPUs that begin a window at the same time
 * may let a few more events pass. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rate_window);
} st_rate SEC(".maps");

static __always_inline int is_over_rate(__u64 now_ns)
{
	struct rate_window *w;
	__u32 zero = 0;

	if (!st_cfg.rate_events)
		return 0;
	w = bpf_map_lookup_elem(&st_rate, &zero);
	if (!w)
		return 0;
	if (now_ns - w->start_ns >= st_cfg.rate_window_ns) {
		w->start_ns = now_ns;
		w->n = 0;
	}
	__sync_fetch_and_add(&w->n, 1);
	return w->n > st_cfg.rate_events;
}
