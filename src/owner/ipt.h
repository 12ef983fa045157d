/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of the older iptables or ip6tables, as getsockopt(2) gives it (linux/netfilter_ipv4/ip_tables.h,
 * linux/netfilter_ipv6/ip6_tables.h): one block of bytes, in which rules follow each other and jump by offset. Pure.
 */
#pragma once

#include "owner/nft.h"

#define IPT_HOOKS	   5
#define IPT_CANDIDATES_MAX 16

struct legacy_table {
	char name[32];
	bool v6;
	void *data;							   /* owned; the rules */
	size_t size;							   /* bytes */
	uint32_t valid_hooks, hook_entry[IPT_HOOKS], underflow[IPT_HOOKS]; /* underflow: of the policies */
};

struct legacy_tables {
	struct legacy_table *v; /* owned */
	size_t n;
};
void ipt_tables_free(struct legacy_tables *t);

/* A rule or policy that may have dropped the packet. */
struct ipt_candidate {
	const struct legacy_table *table;
	uint32_t offset;
	bool policy;
};

struct ipt_verdict {
	struct ipt_candidate v[IPT_CANDIDATES_MAX];
	size_t n;
	bool more, passed; /* there were more; it may also have passed */
};

/* Appends what may drop the packet at this hook (NF_INET_*) of the table. */
void ipt_evaluate(const struct legacy_table *t, uint32_t hook, const struct nft_packet *p, struct ipt_verdict *v);

/* Where a rule stands. */
struct ipt_place {
	char chain[32];
	unsigned number; /* from 1 */
};
bool ipt_find_place(const struct legacy_table *t, uint32_t offset, struct ipt_place *ret);
/* How many packets it counted. */
uint64_t ipt_packets(const struct legacy_table *t, uint32_t offset);

struct out;
/* Appends the rule as iptables(8) writes it behind the name of its chain. */
void ipt_rule_text(const struct legacy_table *t, uint32_t offset, struct out *o);
