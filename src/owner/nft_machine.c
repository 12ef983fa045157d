/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers and verdicts: net/netfilter/nf_tables_core.c, nft_do_chain(); linux/netfilter/nf_tables.h. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <string.h>

#include "base/cleanup.h"
#include "owner/nft_machine.h"
#include "owner/nft_meta.h"
#include "owner/xt.h"

#define ATTRS_MAX 8 /* the highest attribute of an expression that is read */

static uint32_t be32(const struct nlattr *a)
{
	uint32_t v = 0;

	if (a && mnl_attr_get_payload_len(a) == sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return ntohl(v);
}

static void narrow(struct nft_machine *m, enum truth t)
{
	if (t == TRUTH_NO || m->matches == TRUTH_NO)
		m->matches = TRUTH_NO;
	else if (t == TRUTH_UNKNOWN)
		m->matches = TRUTH_UNKNOWN;
}

/* Where a register begins; NFT_REG_BYTES: there is none of this number. */
static size_t reg_at(const struct nlattr *a, size_t len)
{
	uint32_t reg = be32(a);
	size_t at = reg >= NFT_REG_1 && reg <= NFT_REG_4	 ? reg * 16
		    : reg >= NFT_REG32_00 && reg <= NFT_REG32_15 ? 16 + (reg - NFT_REG32_00) * 4
								 : NFT_REG_BYTES;

	return a && at + len <= NFT_REG_BYTES ? at : NFT_REG_BYTES;
}

static bool all_known(const struct nft_machine *m, size_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!m->known[at + i])
			return false;
	return true;
}

/* data NULL: the value is not known. */
static void load(struct nft_machine *m, const struct nlattr *dreg, const void *data, size_t len)
{
	size_t padded = (len + 3) / 4 * 4, at = reg_at(dreg, padded);

	if (at == NFT_REG_BYTES)
		return;
	memset(m->data + at, 0, padded);
	if (data)
		memcpy(m->data + at, data, len);
	memset(m->known + at, data != NULL, padded);
}

static const void *value_of(const struct nlattr *nest, size_t *ret_len)
{
	const struct nlattr *tb[NFTA_DATA_MAX + 1];

	if (!nest || nl_nested(nest, tb, NFTA_DATA_MAX) < 0 || !tb[NFTA_DATA_VALUE])
		return NULL;
	*ret_len = mnl_attr_get_payload_len(tb[NFTA_DATA_VALUE]);
	return mnl_attr_get_payload(tb[NFTA_DATA_VALUE]);
}

static void take_verdict(struct nft_machine *m, int32_t verdict, const char *chain)
{
	m->ends = verdict != NFT_CONTINUE;
	m->verdict = verdict;
	snprintf(m->chain, sizeof(m->chain), "%s", chain);
}

static void run_immediate(struct nft_machine *m, const struct nlattr *const *tb)
{
	const struct nlattr *data[NFTA_DATA_MAX + 1], *v[NFTA_VERDICT_MAX + 1];
	char chain[NFT_NAME_LEN] = "";
	size_t len = 0;
	const void *value = value_of(tb[NFTA_IMMEDIATE_DATA], &len);

	if (value) {
		load(m, tb[NFTA_IMMEDIATE_DREG], value, len);
		return;
	}
	if (!tb[NFTA_IMMEDIATE_DATA] || nl_nested(tb[NFTA_IMMEDIATE_DATA], data, NFTA_DATA_MAX) < 0 ||
	    !data[NFTA_DATA_VERDICT] || nl_nested(data[NFTA_DATA_VERDICT], v, NFTA_VERDICT_MAX) < 0) {
		m->may_drop = true;
		return;
	}
	if (v[NFTA_VERDICT_CHAIN])
		nl_string(v[NFTA_VERDICT_CHAIN], chain, sizeof(chain));
	take_verdict(m, (int32_t)be32(v[NFTA_VERDICT_CODE]), chain);
}

static void run_payload(struct nft_machine *m, const struct nlattr *const *tb)
{
	uint32_t base = be32(tb[NFTA_PAYLOAD_BASE]), offset = be32(tb[NFTA_PAYLOAD_OFFSET]);
	uint32_t len = be32(tb[NFTA_PAYLOAD_LEN]);
	const struct headers *h = &m->packet->headers;
	uint8_t bytes[HEADER_BYTES];
	bool known = false;

	if (!tb[NFTA_PAYLOAD_DREG] || len > sizeof(bytes))
		return; /* it writes into the packet */
	if (base == NFT_PAYLOAD_NETWORK_HEADER)
		known = header_read(&h->network, offset, len, bytes);
	else if (base == NFT_PAYLOAD_TRANSPORT_HEADER)
		known = h->has_transport && header_read(&h->transport, offset, len, bytes);
	load(m, tb[NFTA_PAYLOAD_DREG], known ? bytes : NULL, len);
}

static void run_meta(struct nft_machine *m, const struct nlattr *const *tb)
{
	uint8_t value[16];
	size_t len = sizeof(value);
	bool known;

	if (!tb[NFTA_META_DREG])
		return;
	known = nft_meta_value(m->packet, be32(tb[NFTA_META_KEY]), m->set->sets_mark, value, &len);
	load(m, tb[NFTA_META_DREG], known ? value : NULL, len);
}

static void run_ct(struct nft_machine *m, const struct nlattr *const *tb)
{
	bool state = be32(tb[NFTA_CT_KEY]) == NFT_CT_STATE && m->packet->has_ct_state;

	if (tb[NFTA_CT_DREG])
		load(m, tb[NFTA_CT_DREG], state ? &m->packet->ct_state : NULL, state ? 4 : 16);
}

static void run_bitwise(struct nft_machine *m, const struct nlattr *const *tb)
{
	size_t len = be32(tb[NFTA_BITWISE_LEN]), mask_len = 0, xor_len = 0;
	const uint8_t *mask = value_of(tb[NFTA_BITWISE_MASK], &mask_len);
	const uint8_t * xor = value_of(tb[NFTA_BITWISE_XOR], &xor_len);
	size_t from = reg_at(tb[NFTA_BITWISE_SREG], len), to = reg_at(tb[NFTA_BITWISE_DREG], len);

	if (from == NFT_REG_BYTES || to == NFT_REG_BYTES)
		return;
	if (be32(tb[NFTA_BITWISE_OP]) != NFT_BITWISE_BOOL || mask_len < len || xor_len < len) {
		memset(m->known + to, 0, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		m->data[to + i] = (m->data[from + i] & mask[i]) ^ xor[i];
		m->known[to + i] = m->known[from + i] || !mask[i];
	}
}

static void run_byteorder(struct nft_machine *m, const struct nlattr *const *tb)
{
	size_t len = be32(tb[NFTA_BYTEORDER_LEN]), size = be32(tb[NFTA_BYTEORDER_SIZE]);
	size_t from = reg_at(tb[NFTA_BYTEORDER_SREG], len), to = reg_at(tb[NFTA_BYTEORDER_DREG], len);
	uint8_t swapped[NFT_REG_BYTES] = {0};
	bool swap = htonl(1) != 1;

	if (to == NFT_REG_BYTES || from == NFT_REG_BYTES || size == 0 || len % size) {
		m->matches = m->matches == TRUTH_NO ? TRUTH_NO : TRUTH_UNKNOWN;
		return;
	}
	for (size_t i = 0; i < len; i++)
		swapped[i] = m->data[from + (swap ? i / size * size + size - 1 - i % size : i)];
	memmove(m->known + to, m->known + from, len);
	memcpy(m->data + to, swapped, len);
}

static void run_cmp(struct nft_machine *m, const struct nlattr *const *tb)
{
	size_t len = 0;
	const void *data = value_of(tb[NFTA_CMP_DATA], &len);
	size_t at = reg_at(tb[NFTA_CMP_SREG], len);
	int d;

	if (!data || at == NFT_REG_BYTES || !all_known(m, at, len)) {
		narrow(m, TRUTH_UNKNOWN);
		return;
	}
	d = memcmp(m->data + at, data, len);
	switch (be32(tb[NFTA_CMP_OP])) {
	case NFT_CMP_EQ:
		return narrow(m, truth_of(d == 0));
	case NFT_CMP_NEQ:
		return narrow(m, truth_of(d != 0));
	case NFT_CMP_LT:
		return narrow(m, truth_of(d < 0));
	case NFT_CMP_LTE:
		return narrow(m, truth_of(d <= 0));
	case NFT_CMP_GT:
		return narrow(m, truth_of(d > 0));
	case NFT_CMP_GTE:
		return narrow(m, truth_of(d >= 0));
	default:
		narrow(m, TRUTH_UNKNOWN);
	}
}

static void run_range(struct nft_machine *m, const struct nlattr *const *tb)
{
	size_t len = 0, to_len = 0;
	const void *from = value_of(tb[NFTA_RANGE_FROM_DATA], &len), *to = value_of(tb[NFTA_RANGE_TO_DATA], &to_len);
	size_t at = reg_at(tb[NFTA_RANGE_SREG], len);
	bool inside;

	if (!from || !to || to_len != len || at == NFT_REG_BYTES || !all_known(m, at, len)) {
		narrow(m, TRUTH_UNKNOWN);
		return;
	}
	inside = memcmp(m->data + at, from, len) >= 0 && memcmp(m->data + at, to, len) <= 0;
	narrow(m, truth_of(inside == (be32(tb[NFTA_RANGE_OP]) == NFT_RANGE_EQ)));
}

/* A verdict map whose element is not known. */
static void unknown_verdict(struct nft_machine *m)
{
	m->may_drop = true;
	narrow(m, TRUTH_UNKNOWN);
}

static void run_lookup(struct nft_machine *m, const struct nlattr *const *tb)
{
	bool invert = be32(tb[NFTA_LOOKUP_FLAGS]) & NFT_LOOKUP_F_INV, is_verdict;
	const struct nft_element *e = NULL;
	const struct nft_set *set;
	char name[NFT_NAME_LEN] = "";
	enum truth found = TRUTH_UNKNOWN;
	size_t at;

	if (tb[NFTA_LOOKUP_SET])
		nl_string(tb[NFTA_LOOKUP_SET], name, sizeof(name));
	set = nft_find_set(m->set, m->rule->family, m->rule->table, name);
	at = set ? reg_at(tb[NFTA_LOOKUP_SREG], set->key_bytes) : NFT_REG_BYTES;
	if (at != NFT_REG_BYTES && all_known(m, at, set->key_bytes))
		found = nft_set_find(set, m->data + at, &e);
	is_verdict = tb[NFTA_LOOKUP_DREG] && be32(tb[NFTA_LOOKUP_DREG]) == NFT_REG_VERDICT;
	if (is_verdict && found == TRUTH_UNKNOWN)
		return unknown_verdict(m);
	narrow(m, invert ? truth_not(found) : found);
	if (is_verdict && e && e->has_verdict)
		take_verdict(m, e->verdict, e->chain);
	else if (tb[NFTA_LOOKUP_DREG])
		load(m, tb[NFTA_LOOKUP_DREG], NULL, 16);
}

/* A match or target of iptables: NFTA_MATCH_NAME, REV and INFO have the numbers of NFTA_TARGET_*. */
static void run_xt(struct nft_machine *m, const struct nlattr *const *tb, bool target)
{
	char name[32] = "";
	const struct nlattr *info = tb[NFTA_MATCH_INFO];

	if (tb[NFTA_MATCH_NAME])
		nl_string(tb[NFTA_MATCH_NAME], name, sizeof(name));
	if (!target) {
		narrow(m, info ? xt_match(name, be32(tb[NFTA_MATCH_REV]), mnl_attr_get_payload(info),
					  mnl_attr_get_payload_len(info), &m->packet->headers)
			       : TRUTH_UNKNOWN);
		return;
	}
	switch (xt_target(name)) {
	case XT_CONTINUES:
		return;
	case XT_ACCEPTS:
		return take_verdict(m, NF_ACCEPT, "");
	case XT_DROPS:
		return take_verdict(m, NF_DROP, "");
	case XT_UNKNOWN:
		m->may_drop = true;
	}
}

/* Expressions that neither match nor end: only what they load is not known. */
static bool is_neutral(const char *name)
{
	static const char *const names[] = {"counter", "log",	  "notrack", "dup",  "rt",
					    "socket",  "fib",	  "numgen",  "hash", "exthdr",
					    "osf",     "secmark", "tunnel",  "xfrm", "last"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void run_other(struct nft_machine *m, const char *name)
{
	if (strcmp(name, "reject") == 0)
		return take_verdict(m, NF_DROP, "");
	if (strcmp(name, "masq") == 0 || strcmp(name, "nat") == 0 || strcmp(name, "redir") == 0)
		return take_verdict(m, NF_ACCEPT, "");
	if (is_neutral(name)) {
		/* what they load may be in any register */
		if (strcmp(name, "counter") != 0 && strcmp(name, "log") != 0 && strcmp(name, "notrack") != 0)
			memset(m->known, 0, sizeof(m->known));
		return;
	}
	/* limit, quota, connlimit, dynset, objref, flow_offload, and what later kernels bring */
	narrow(m, TRUTH_UNKNOWN);
	if (strcmp(name, "queue") == 0 || strcmp(name, "synproxy") == 0 || strcmp(name, "fwd") == 0 ||
	    strcmp(name, "tproxy") == 0)
		m->may_drop = true;
}

static void run_expr(struct nft_machine *m, const struct nft_expr *e)
{
	static const struct {
		const char *name;
		void (*run)(struct nft_machine *m, const struct nlattr *const *tb);
	} table[] = {
		{"immediate", run_immediate}, {"payload", run_payload},	    {"meta", run_meta}, {"ct", run_ct},
		{"bitwise", run_bitwise},     {"byteorder", run_byteorder}, {"cmp", run_cmp},	{"range", run_range},
		{"lookup", run_lookup}};
	const struct nlattr *tb[ATTRS_MAX + 1] = {0};

	if (e->data && nl_nested(e->data, tb, ATTRS_MAX) < 0)
		return narrow(m, TRUTH_UNKNOWN);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(e->name, table[i].name) == 0)
			return table[i].run(m, tb);
	if (strcmp(e->name, "match") == 0 || strcmp(e->name, "target") == 0)
		run_xt(m, tb, e->name[0] == 't');
	else
		run_other(m, e->name);
}

void nft_run_rule(struct nft_machine *m, const struct nft_rule *rule)
{
	struct rd list = rd_init(rule->exprs, rule->exprs_bytes);
	struct nft_expr e;

	m->rule = rule;
	m->matches = TRUTH_YES;
	m->ends = m->may_drop = false;
	memset(m->known, 0, sizeof(m->known));
	while (m->matches != TRUTH_NO && !m->ends && nft_next_expr(&list, &e))
		run_expr(m, &e);
}
