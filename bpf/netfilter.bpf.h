/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What nf_tables and the older iptables decide, read at the end of each base chain. The types belong to modules, whose
 * BTF src/btf/min_core.c reads (5.11 and newer). If a module is not loaded, its program is not loaded. The iptables
 * command of today's distributions uses nf_tables.
 */
#pragma once

#include "bpf/kernel.h"
#include "bpf/part.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/netfilter.h, include/net/netfilter/nf_tables.h */
struct nf_hook_state {
	__u8 hook; /* an unsigned int before 5.12, of which this is the lowest byte */
	__u8 pf;
};

struct nft_pktinfo {
	struct sk_buff *skb;
	const struct nf_hook_state *state; /* since 5.17 */
};

struct nft_table {
	char *name;
};

struct nft_chain {
	struct nft_table *table;
	char *name;
};

#pragma clang attribute pop

/* Whether ipt_do_table() and ip6t_do_table() have the arguments (table, skb, state), as since 5.16. Before, the order
 * was (skb, state, table). */
const volatile __u32 st_ipt_table_first = 0;

/* Offset of the name in struct xt_table, in bytes. User space sets it. CO-RE is not used here, because this part is
 * relocated in every trace, and only the types of nf_tables are looked up outside vmlinux. */
const volatile __u32 st_xt_table_name = 0;

/* Chooses one of two arguments. Both are read before: otherwise the compiler computes an offset into ctx, which the
 * verifier refuses. */
static __always_inline const void *ipt_arg(__u64 table_last, __u64 table_first)
{
	barrier_var(table_last);
	barrier_var(table_first);
	return (const void *)(st_ipt_table_first ? table_first : table_last);
}

static __always_inline const struct nf_hook_state *ipt_state(const __u64 *ctx)
{
	return ipt_arg(ctx[1], ctx[2]);
}

/* A number to the verifier, as the packets of the other programs are. */
static __always_inline const struct sk_buff *ipt_skb(const __u64 *ctx)
{
	return (const void *)as_number(ipt_arg(ctx[0], ctx[1]));
}

/* ctx is the context of a fexit program at nft_do_chain(struct nft_pktinfo *, void *chain): the arguments, then the
 * return value. */
static __always_inline void part_netfilter(__u64 *ctx, char *rec)
{
	struct st_part *head;
	struct st_netfilter *nf = part_open(rec, ST_PART_NETFILTER, &head);
	const struct nft_pktinfo *pkt = (const void *)ctx[0];
	const struct nft_chain *chain = (const void *)ctx[1];

	nf->verdict = ctx[2];
	nf->hook = nf->pf = 0;
	nf->pad = 0;
	if (bpf_core_field_exists(pkt->state)) {
		nf->hook = BPF_CORE_READ(pkt, state, hook);
		nf->pf = BPF_CORE_READ(pkt, state, pf);
	}
	nf->table[0] = nf->chain[0] = 0;
	bpf_probe_read_kernel_str(nf->table, sizeof(nf->table), BPF_CORE_READ(chain, table, name));
	bpf_probe_read_kernel_str(nf->chain, sizeof(nf->chain), BPF_CORE_READ(chain, name));
	head->len_bytes = sizeof(*nf);
}

#define NFPROTO_IPV4_ 2 /* include/uapi/linux/netfilter.h */
#define NFPROTO_IPV6_ 10

/* Indexed by hook: the name that iptables gives to the base chain of a table at this hook. */
static const char ipt_chains[8][16]
	__attribute__((aligned(8))) = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};

/* ctx is the context of a fexit program at ipt_do_table(): three arguments, then the return value. The function is not
 * inlined. Inlined, it would make clang use more stack in the other programs, which never run it, and a call of a
 * filter function would exceed the stack limit. */
static __attribute__((noinline)) void part_iptables(__u64 *ctx, __u32 source, char *rec)
{
	struct st_part *head;
	struct st_netfilter *nf = part_open(rec, ST_PART_NETFILTER, &head);
	const struct nf_hook_state *state = ipt_state(ctx);
	const char *table = ipt_arg(ctx[2], ctx[0]);

	nf->verdict = ctx[3];
	nf->hook = BPF_CORE_READ(state, hook);
	nf->pf = source == ST_SRC_IPTABLES ? NFPROTO_IPV4_ : NFPROTO_IPV6_;
	nf->pad = 0;
	nf->table[0] = 0;
	bpf_probe_read_kernel_str(nf->table, sizeof(nf->table), table + st_xt_table_name);
	__builtin_memset(nf->chain, 0, sizeof(nf->chain));
	__builtin_memcpy(nf->chain, ipt_chains[nf->hook & 7], sizeof(ipt_chains[0]));
	head->len_bytes = sizeof(*nf);
}
