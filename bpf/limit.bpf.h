/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much of what matches is recorded: one flow in N, and at most so many events per second. The first keeps packets
 * whole, the second bounds what a flood can cost, wherever it cuts.
 */
#pragma once

#include "bpf/config.h"
#include "bpf/packet.bpf.h"

/* The same for both directions, so that an answer is sampled with its question. Of an IPv4 fragment the ports do not
 * count: only the first has them. */
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
	/* the finalizer of MurmurHash3: neighbouring addresses must not share their fate */
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

/* One for all CPUs: a rate is meant for the node. Two that begin a window at once may let a few more through. */
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
