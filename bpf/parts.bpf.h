/* SPDX-License-Identifier: GPL-2.0-only */
/* All parts of a record. Each part has a function that fills it. */
#pragma once

#include "bpf/caller.bpf.h"
#include "bpf/inner.bpf.h"
#include "bpf/link.bpf.h"
#include "bpf/netfilter.bpf.h"
#include "bpf/payload.bpf.h"
#include "bpf/skb_parts.bpf.h"

static __always_inline int is_chain(__u32 source)
{
	return source == ST_SRC_NETFILTER || source == ST_SRC_IPTABLES || source == ST_SRC_IP6TABLES;
}

static __always_inline void part_chain(void *ctx, __u32 source, char *rec)
{
	if (source == ST_SRC_NETFILTER)
		part_netfilter(ctx, rec);
	else if (is_chain(source))
		part_iptables(ctx, source, rec);
}

/* Fills all parts that the user asked for. source is a constant, because kprobes and tracepoints have different
 * contexts. */
static __always_inline void fill_parts(void *ctx, const struct sk_buff *skb, const struct packet *p, __u32 source,
				       __u64 location, char *rec)
{
	if (st_out.at[ST_PART_CALLER])
		part_caller(ctx, source, location, rec);
	if (st_out.at[ST_PART_STACK])
		part_stack(ctx, source, rec);
	if (st_out.at[ST_PART_LINK])
		part_link(p, skb, rec);
	if (st_out.at[ST_PART_CB])
		part_cb(skb, rec);
	if (st_out.at[ST_PART_TUNNEL])
		part_tunnel(p, rec);
	if (st_out.at[ST_PART_CT])
		part_ct(skb, rec);
	if (st_out.at[ST_PART_ROUTE])
		part_route(skb, rec);
	if (st_out.at[ST_PART_VALUES])
		part_values(skb, rec);
	if (st_out.at[ST_PART_SKB])
		part_skb(skb, rec);
	if (st_out.at[ST_PART_SHINFO])
		part_shinfo(p, skb, rec);
	if (st_out.at[ST_PART_MAP]) {
		struct st_part *head;

		part_open(rec, ST_PART_MAP, &head);
	}
	if (st_out.at[ST_PART_NETFILTER]) {
		struct st_part *head;

		part_open(rec, ST_PART_NETFILTER, &head);
		part_chain(ctx, source, rec);
	}
}

/* Writes the header of each part; the parts are empty. */
static __always_inline void open_parts(char *rec)
{
#pragma unroll
	for (int kind = 0; kind < ST_PART_MAX; kind++) {
		struct st_part *head;

		if (st_out.at[kind])
			part_open(rec, kind, &head);
	}
}

/* Fills the parts that need no packet; the others are empty. */
static __always_inline void fill_parts_alone(void *ctx, __u32 source, char *rec)
{
	open_parts(rec);
	if (st_out.at[ST_PART_CALLER])
		part_caller(ctx, source == ST_SRC_CALL ? ST_SRC_KPROBE : source, 0, rec);
	if (st_out.at[ST_PART_STACK])
		part_stack(ctx, source, rec);
	if (st_out.at[ST_PART_NETFILTER] && is_chain(source))
		part_chain(ctx, source, rec);
}
