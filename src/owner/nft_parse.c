/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "owner/nft.h"

static bool next_attr(struct rd *list, const struct nlattr **ret)
{
	const struct nlattr *a = (const void *)list->p;
	size_t padding;

	if (list->failed || list->left < sizeof(*a) || a->nla_len < sizeof(*a) || !rd_bytes(list, a->nla_len))
		return false;
	padding = MNL_ALIGN(a->nla_len) - a->nla_len;
	rd_bytes(list, padding < list->left ? padding : list->left);
	*ret = a;
	return true;
}

static struct rd inside(const struct nlattr *a)
{
	return rd_init(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
}

static uint32_t be32(const struct nlattr *a)
{
	uint32_t v = 0;

	if (a && mnl_attr_get_payload_len(a) == sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return ntohl(v);
}

static uint64_t be64(const struct nlattr *a)
{
	uint64_t v = 0;

	if (a && mnl_attr_get_payload_len(a) == sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return be64toh(v);
}

static void text(const struct nlattr *a, char *dst, size_t size)
{
	dst[0] = '\0';
	if (a)
		nl_string(a, dst, size);
}

bool nft_next_expr(struct rd *list, struct nft_expr *ret)
{
	const struct nlattr *elem, *tb[NFTA_EXPR_MAX + 1];

	if (!next_attr(list, &elem) || nl_nested(elem, tb, NFTA_EXPR_MAX) < 0 || !tb[NFTA_EXPR_NAME])
		return false;
	text(tb[NFTA_EXPR_NAME], ret->name, sizeof(ret->name));
	ret->data = tb[NFTA_EXPR_DATA];
	return true;
}

/* Chains come before their tables, so that each table finds its chains. */
static int parse_table(struct nft_ruleset *s, uint8_t family, struct rd *rd)
{
	const struct nlattr *tb[NFTA_TABLE_FLAGS + 1];
	char name[NFT_NAME_LEN];
	int r = nl_attrs(rd->p, rd->left, tb, NFTA_TABLE_FLAGS);

	if (r < 0 || !tb[NFTA_TABLE_NAME] || !(be32(tb[NFTA_TABLE_FLAGS]) & NFT_TABLE_F_DORMANT))
		return r;
	text(tb[NFTA_TABLE_NAME], name, sizeof(name));
	for (size_t i = 0; i < s->n_chains; i++)
		s->chains[i].dormant |= s->chains[i].family == family && strcmp(s->chains[i].table, name) == 0;
	return 0;
}

static int parse_hook(const struct nlattr *nest, struct nft_rule_chain *c)
{
	const struct nlattr *tb[NFTA_HOOK_MAX + 1];
	int r = nl_nested(nest, tb, NFTA_HOOK_MAX);

	if (r < 0)
		return r;
	c->base = true;
	c->hook = be32(tb[NFTA_HOOK_HOOKNUM]);
	c->priority = (int32_t)be32(tb[NFTA_HOOK_PRIORITY]);
	text(tb[NFTA_HOOK_DEV], c->dev, sizeof(c->dev));
	return 0;
}

static int parse_chain(struct nft_ruleset *s, uint8_t family, struct rd *rd)
{
	const struct nlattr *tb[NFTA_CHAIN_MAX + 1];
	struct nft_rule_chain c = {.family = family, .policy = NF_ACCEPT};
	int r = nl_attrs(rd->p, rd->left, tb, NFTA_CHAIN_MAX);

	if (r >= 0 && (!tb[NFTA_CHAIN_TABLE] || !tb[NFTA_CHAIN_NAME]))
		r = -EBADMSG;
	if (r >= 0 && tb[NFTA_CHAIN_HOOK])
		r = parse_hook(tb[NFTA_CHAIN_HOOK], &c);
	if (r < 0)
		return r;
	text(tb[NFTA_CHAIN_TABLE], c.table, sizeof(c.table));
	text(tb[NFTA_CHAIN_NAME], c.name, sizeof(c.name));
	if (tb[NFTA_CHAIN_POLICY])
		c.policy = be32(tb[NFTA_CHAIN_POLICY]);
	if (ARRAY_GROW(s->chains, s->n_chains) < 0)
		return -ENOMEM;
	s->chains[s->n_chains++] = c;
	return 0;
}

/* Notes what the rule's expressions tell of the whole rule. */
static void note_exprs(struct nft_ruleset *s, struct nft_rule *rule)
{
	struct rd list = rd_init(rule->exprs, rule->exprs_bytes);
	const struct nlattr *tb[NFTA_META_MAX + 1];
	struct nft_expr e;

	while (nft_next_expr(&list, &e)) {
		if (!e.data || nl_nested(e.data, tb, NFTA_META_MAX) < 0)
			continue;
		if (strcmp(e.name, "counter") == 0) {
			rule->has_counter = true;
			rule->packets = be64(tb[NFTA_COUNTER_PACKETS]);
		}
		if (strcmp(e.name, "meta") == 0 && tb[NFTA_META_SREG] && be32(tb[NFTA_META_KEY]) == NFT_META_MARK)
			s->sets_mark = true;
	}
}

static int parse_rule(struct nft_ruleset *s, uint8_t family, struct rd *rd)
{
	const struct nlattr *tb[NFTA_RULE_MAX + 1], *list;
	struct nft_rule rule = {.family = family};
	int r = nl_attrs(rd->p, rd->left, tb, NFTA_RULE_MAX);

	if (r >= 0 && (!tb[NFTA_RULE_TABLE] || !tb[NFTA_RULE_CHAIN]))
		r = -EBADMSG;
	if (r < 0)
		return r;
	text(tb[NFTA_RULE_TABLE], rule.table, sizeof(rule.table));
	text(tb[NFTA_RULE_CHAIN], rule.chain, sizeof(rule.chain));
	rule.handle = be64(tb[NFTA_RULE_HANDLE]);
	list = tb[NFTA_RULE_EXPRESSIONS];
	if (ARRAY_GROW(s->rules, s->n_rules) < 0)
		return -ENOMEM;
	if (list && mnl_attr_get_payload_len(list)) {
		rule.exprs_bytes = mnl_attr_get_payload_len(list);
		rule.exprs = malloc(rule.exprs_bytes);
		if (!rule.exprs)
			return -ENOMEM;
		memcpy(rule.exprs, mnl_attr_get_payload(list), rule.exprs_bytes);
		note_exprs(s, &rule);
	}
	s->rules[s->n_rules++] = rule;
	return 0;
}

static int parse_set(struct nft_ruleset *s, uint8_t family, struct rd *rd)
{
	const struct nlattr *tb[NFTA_SET_MAX + 1];
	struct nft_set set = {.family = family};
	int r = nl_attrs(rd->p, rd->left, tb, NFTA_SET_MAX);

	if (r >= 0 && (!tb[NFTA_SET_TABLE] || !tb[NFTA_SET_NAME]))
		r = -EBADMSG;
	if (r < 0)
		return r;
	text(tb[NFTA_SET_TABLE], set.table, sizeof(set.table));
	text(tb[NFTA_SET_NAME], set.name, sizeof(set.name));
	set.flags = be32(tb[NFTA_SET_FLAGS]);
	set.key_bytes = be32(tb[NFTA_SET_KEY_LEN]);
	if (ARRAY_GROW(s->sets, s->n_sets) < 0)
		return -ENOMEM;
	s->sets[s->n_sets++] = set;
	return 0;
}

static uint8_t parse_key(const struct nlattr *nest, uint8_t dst[static NFT_KEY_BYTES])
{
	const struct nlattr *tb[NFTA_DATA_MAX + 1];
	size_t len;

	if (!nest || nl_nested(nest, tb, NFTA_DATA_MAX) < 0 || !tb[NFTA_DATA_VALUE])
		return 0;
	len = mnl_attr_get_payload_len(tb[NFTA_DATA_VALUE]);
	if (len > NFT_KEY_BYTES)
		return 0;
	memcpy(dst, mnl_attr_get_payload(tb[NFTA_DATA_VALUE]), len);
	return (uint8_t)len;
}

static void parse_element_data(const struct nlattr *nest, struct nft_element *e)
{
	const struct nlattr *tb[NFTA_DATA_MAX + 1], *verdict[NFTA_VERDICT_MAX + 1];

	if (nl_nested(nest, tb, NFTA_DATA_MAX) < 0 || !tb[NFTA_DATA_VERDICT] ||
	    nl_nested(tb[NFTA_DATA_VERDICT], verdict, NFTA_VERDICT_MAX) < 0)
		return;
	e->has_verdict = true;
	e->verdict = (int32_t)be32(verdict[NFTA_VERDICT_CODE]);
	text(verdict[NFTA_VERDICT_CHAIN], e->chain, sizeof(e->chain));
}

static int parse_element(struct nft_set *set, const struct nlattr *nest)
{
	const struct nlattr *tb[NFTA_SET_ELEM_MAX + 1];
	struct nft_element e = {0};
	uint32_t flags;
	int r = nl_nested(nest, tb, NFTA_SET_ELEM_MAX);

	if (r < 0)
		return r;
	flags = be32(tb[NFTA_SET_ELEM_FLAGS]);
	e.interval_end = flags & NFT_SET_ELEM_INTERVAL_END;
	e.catchall = flags & NFT_SET_ELEM_CATCHALL;
	e.has_expiry = tb[NFTA_SET_ELEM_EXPIRATION];
	e.key_bytes = parse_key(tb[NFTA_SET_ELEM_KEY], e.key);
	e.key_end_bytes = parse_key(tb[NFTA_SET_ELEM_KEY_END], e.key_end);
	if (tb[NFTA_SET_ELEM_DATA])
		parse_element_data(tb[NFTA_SET_ELEM_DATA], &e);
	if (ARRAY_GROW(set->v, set->n) < 0)
		return -ENOMEM;
	set->v[set->n++] = e;
	return 0;
}

static int parse_elements(struct nft_ruleset *s, uint8_t family, struct rd *rd)
{
	const struct nlattr *tb[NFTA_SET_ELEM_LIST_MAX + 1], *elem;
	char table[NFT_NAME_LEN], name[NFT_NAME_LEN];
	struct nft_set *set;
	struct rd list;
	int r = nl_attrs(rd->p, rd->left, tb, NFTA_SET_ELEM_LIST_MAX);

	if (r < 0)
		return r;
	text(tb[NFTA_SET_ELEM_LIST_TABLE], table, sizeof(table));
	text(tb[NFTA_SET_ELEM_LIST_SET], name, sizeof(name));
	set = nft_find_set(s, family, table, name);
	if (!set || !tb[NFTA_SET_ELEM_LIST_ELEMENTS])
		return 0;
	list = inside(tb[NFTA_SET_ELEM_LIST_ELEMENTS]);
	while (r >= 0 && next_attr(&list, &elem))
		r = parse_element(set, elem);
	return r;
}

int nft_parse_message(void *ctx, uint16_t type, struct rd *payload)
{
	struct nfgenmsg g;

	if (NFNL_SUBSYS_ID(type) != NFNL_SUBSYS_NFTABLES)
		return 0;
	if (!rd_copy(payload, &g, sizeof(g)))
		return -EBADMSG;
	switch (NFNL_MSG_TYPE(type)) {
	case NFT_MSG_NEWTABLE:
		return parse_table(ctx, g.nfgen_family, payload);
	case NFT_MSG_NEWCHAIN:
		return parse_chain(ctx, g.nfgen_family, payload);
	case NFT_MSG_NEWRULE:
		return parse_rule(ctx, g.nfgen_family, payload);
	case NFT_MSG_NEWSET:
		return parse_set(ctx, g.nfgen_family, payload);
	case NFT_MSG_NEWSETELEM:
		return parse_elements(ctx, g.nfgen_family, payload);
	default:
		return 0;
	}
}

struct nft_set *nft_find_set(const struct nft_ruleset *r, uint8_t family, const char *table, const char *name)
{
	for (size_t i = 0; i < r->n_sets; i++) {
		struct nft_set *s = &r->sets[i];

		if (s->family == family && strcmp(s->table, table) == 0 && strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

void nft_ruleset_free(struct nft_ruleset *r)
{
	for (size_t i = 0; i < r->n_rules; i++)
		free(r->rules[i].exprs);
	for (size_t i = 0; i < r->n_sets; i++)
		free(r->sets[i].v);
	free(r->rules);
	free(r->sets);
	free(r->chains);
	*r = (struct nft_ruleset){0};
}
