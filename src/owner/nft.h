/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The nftables rules of one network namespace, as the kernel tells them by netlink (linux/netfilter/nf_tables.h), and
 * which of them decide of a packet. Pure.
 *
 * A rule is a list of expressions that work on registers. Those that are understood are evaluated with what is known of
 * the packet, and the result is yes, no, or not known. A rule whose result is not known stays a candidate.
 */
#pragma once

#include "net/nlmsg.h"
#include "owner/headers.h"

#define NFT_NAME_LEN 128 /* of a table, chain or set, with the NUL; longer names are cut */

struct nft_rule_chain {
	uint8_t family; /* NFPROTO_* */
	char table[NFT_NAME_LEN], name[NFT_NAME_LEN];
	bool base, dormant;    /* dormant: the table is switched off, valid once all tables are read */
	uint32_t hook, policy; /* valid with base; policy: NF_DROP or NF_ACCEPT */
	int32_t priority;
	char dev[16]; /* of a chain of family netdev with one device; "" any or unknown */
};

struct nft_rule {
	uint8_t family;
	char table[NFT_NAME_LEN], chain[NFT_NAME_LEN];
	uint64_t handle;
	void *exprs; /* owned; the list of expressions as in the message */
	size_t exprs_bytes;
	bool has_counter;
	uint64_t packets; /* valid with has_counter */
};

#define NFT_KEY_BYTES 64

struct nft_element {
	uint8_t key[NFT_KEY_BYTES], key_end[NFT_KEY_BYTES];
	uint8_t key_bytes, key_end_bytes; /* 0: none */
	bool interval_end, catchall, has_expiry;
	bool has_verdict;
	int32_t verdict; /* valid with has_verdict */
	char chain[NFT_NAME_LEN];
};

struct nft_set {
	uint8_t family;
	char table[NFT_NAME_LEN], name[NFT_NAME_LEN];
	uint32_t flags; /* NFT_SET_* */
	uint32_t key_bytes;
	bool complete;	       /* all elements are here */
	struct nft_element *v; /* owned */
	size_t n;
};

struct nft_ruleset {
	struct nft_rule_chain *chains; /* owned, as are the others */
	struct nft_rule *rules;	       /* of one chain in their order */
	struct nft_set *sets;
	size_t n_chains, n_rules, n_sets;
	bool sets_mark; /* a rule changes the packet's mark: the mark at the end is not what every rule saw */
};

/* Takes a table (after all chains), chain, rule, set or list of elements; skips other messages. For nl_parse(); ctx:
 * struct nft_ruleset. */
int nft_parse_message(void *ctx, uint16_t type, struct rd *payload);
/* The set; NULL: none. */
struct nft_set *nft_find_set(const struct nft_ruleset *r, uint8_t family, const char *table, const char *name);
void nft_ruleset_free(struct nft_ruleset *r);

/* What is known of the packet at a hook. */
struct nft_packet {
	struct headers headers;
	uint8_t nfproto; /* NFPROTO_IPV4, NFPROTO_IPV6; 0: unknown */
	bool has_l4, has_mark, has_len, has_iif, has_oif, has_ct_state;
	uint8_t l4;
	uint16_t proto; /* EtherType; 0 unknown */
	uint32_t mark, len_bytes;
	uint32_t iif, oif; /* ifindex; 0 with has_*: there is none at this hook */
	char iifname[16], oifname[16];
	uint32_t ct_state; /* bit as in NF_CT_STATE_*: linux/netfilter/nf_conntrack_common.h */
};

/* A place that may have dropped the packet: a rule, or a chain's policy. */
struct nft_candidate {
	const struct nft_rule *rule; /* NULL: the policy of the chain */
	const struct nft_rule_chain *chain;
	bool sure; /* the rule matches, as far as all before it did not end the chain */
};

#define NFT_CANDIDATES_MAX 16

struct nft_verdict {
	struct nft_candidate v[NFT_CANDIDATES_MAX];
	size_t n;
	bool more;   /* there were more candidates than fit */
	bool passed; /* it may also have passed */
};

/* Appends the rules that may drop the packet in base chain c. */
void nft_evaluate(const struct nft_ruleset *r, const struct nft_rule_chain *c, const struct nft_packet *p,
		  struct nft_verdict *v);

struct out;
/* Appends the rule as nft(8) writes it, as far as its expressions are known here; others by name, in brackets. */
void nft_rule_text(const struct nft_ruleset *r, const struct nft_rule *rule, struct out *o);
/* "ip", "inet"; "?" unknown. */
const char *nft_family_name(uint8_t family);
/* "prerouting", "ingress"; "?" unknown. */
const char *nft_hook_name(uint8_t family, uint32_t hook);

/* One expression of a rule. */
struct nft_expr {
	char name[16];
	const struct nlattr *data; /* NULL: none */
};
/* Reads the next expression; false at the end or where the list is malformed. */
bool nft_next_expr(struct rd *list, struct nft_expr *ret);
