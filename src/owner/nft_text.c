/* SPDX-License-Identifier: GPL-2.0-only */
/* The expressions of a rule as the text that nft(8) makes of them: what is loaded is printed where it is compared. */
#include "owner/nft_text.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <string.h>

#include "event/tuple.h"
#include "owner/nft_value.h"
#include "owner/xt.h"
#include "render/out/escape.h"

#define REGS	  24
#define ATTRS_MAX 8

struct printer {
	const struct nft_ruleset *set;
	const struct nft_rule *rule;
	struct out *o;
	size_t start; /* of the text in o */
	struct nft_source regs[REGS];
	struct nft_context context;
	bool l4_waits; /* the protocol was asked for, and is printed only if no field of it follows */
};

static uint32_t be32(const struct nlattr *a)
{
	uint32_t v = 0;

	if (a && mnl_attr_get_payload_len(a) == sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return ntohl(v);
}

static void blank(struct printer *p)
{
	if (p->o->buf.len != p->start)
		out_char(p->o, ' ');
}

/* NFT_REG_1 is the same as NFT_REG32_00, and so on by fours. */
static struct nft_source *reg_of(struct printer *p, const struct nlattr *a)
{
	uint32_t reg = be32(a);

	if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
		reg = NFT_REG32_00 + (reg - NFT_REG_1) * 4;
	return reg < REGS ? &p->regs[reg] : &p->regs[0];
}

static const uint8_t *value_of(const struct nlattr *nest, size_t *ret_len)
{
	const struct nlattr *tb[NFTA_DATA_MAX + 1];

	*ret_len = 0;
	if (!nest || nl_nested(nest, tb, NFTA_DATA_MAX) < 0 || !tb[NFTA_DATA_VALUE])
		return NULL;
	*ret_len = mnl_attr_get_payload_len(tb[NFTA_DATA_VALUE]);
	return mnl_attr_get_payload(tb[NFTA_DATA_VALUE]);
}

static void end_wait(struct printer *p, const struct nft_source *next)
{
	char text[L4_TEXT_SIZE];

	if (p->l4_waits && !(next && next->kind == NFT_SRC_PAYLOAD && next->base == NFT_PAYLOAD_TRANSPORT_HEADER)) {
		blank(p);
		out_str(p->o, "meta l4proto ");
		out_mem(p->o, text, l4_format(p->context.l4, text));
	}
	p->l4_waits = false;
}

static void left_side(struct printer *p, const struct nft_source *s)
{
	end_wait(p, s);
	blank(p);
	nft_source_text(s, &p->context, p->o);
	out_char(p->o, ' ');
}

/* A comparison that later fields imply. */
static bool is_implied(struct printer *p, const struct nft_source *s, uint32_t op, const uint8_t *v, size_t len)
{
	if (s->kind != NFT_SRC_META || op != NFT_CMP_EQ || s->masked || len == 0)
		return false;
	if (s->key == NFT_META_L4PROTO && len == 1) {
		p->context.l4 = v[0];
		p->l4_waits = true;
		return true;
	}
	if (s->key == NFT_META_NFPROTO && len == 1)
		p->context.nfproto = v[0];
	else if (s->key == NFT_META_PROTOCOL && len == 2)
		p->context.nfproto = v[0] == 0x86 && v[1] == 0xdd ? NFPROTO_IPV6 : NFPROTO_IPV4;
	else
		return false;
	return true;
}

static void note_protocol(struct printer *p, const struct nft_source *s, const uint8_t *v, size_t len)
{
	bool v4 = s->kind == NFT_SRC_PAYLOAD && s->base == NFT_PAYLOAD_NETWORK_HEADER && s->offset == 9 && len == 1;

	if (v4 && p->context.nfproto != NFPROTO_IPV6)
		p->context.l4 = v[0];
}

static void print_cmp(struct printer *p, const struct nlattr *const *tb)
{
	static const char *const ops[] = {"", "!= ", "< ", "<= ", "> ", ">= "};
	const struct nft_source *s = reg_of(p, tb[NFTA_CMP_SREG]);
	uint32_t op = be32(tb[NFTA_CMP_OP]);
	size_t len;
	const uint8_t *v = value_of(tb[NFTA_CMP_DATA], &len);
	uint32_t zero = 0;

	if (!v || is_implied(p, s, op, v, len))
		return;
	left_side(p, s);
	/* "ct state new" is (state & new) != 0 */
	if (s->kind == NFT_SRC_CT && s->masked && op == NFT_CMP_NEQ && len == 4 && memcmp(v, &zero, 4) == 0) {
		nft_source_value(s, &p->context, s->mask, s->mask_len, p->o);
		return;
	}
	out_str(p->o, op < ARRAY_SIZE(ops) ? ops[op] : "? ");
	nft_source_value(s, &p->context, v, len, p->o);
	if (op == NFT_CMP_EQ)
		note_protocol(p, s, v, len);
}

static void print_range(struct printer *p, const struct nlattr *const *tb)
{
	const struct nft_source *s = reg_of(p, tb[NFTA_RANGE_SREG]);
	size_t len, to_len;
	const uint8_t *from = value_of(tb[NFTA_RANGE_FROM_DATA], &len);
	const uint8_t *to = value_of(tb[NFTA_RANGE_TO_DATA], &to_len);

	if (!from || !to)
		return;
	left_side(p, s);
	out_str(p->o, be32(tb[NFTA_RANGE_OP]) == NFT_RANGE_NEQ ? "!= " : "");
	nft_source_value(s, &p->context, from, len, p->o);
	out_char(p->o, '-');
	nft_source_value(s, &p->context, to, to_len, p->o);
}

static void print_lookup(struct printer *p, const struct nlattr *const *tb)
{
	const struct nft_source *s = reg_of(p, tb[NFTA_LOOKUP_SREG]);
	const struct nft_set *set;
	char name[NFT_NAME_LEN] = "";

	if (tb[NFTA_LOOKUP_SET])
		nl_string(tb[NFTA_LOOKUP_SET], name, sizeof(name));
	set = nft_find_set(p->set, p->rule->family, p->rule->table, name);
	left_side(p, s);
	out_str(p->o, be32(tb[NFTA_LOOKUP_FLAGS]) & NFT_LOOKUP_F_INV ? "!= " : "");
	if (tb[NFTA_LOOKUP_DREG])
		out_str(p->o, "vmap ");
	if (set)
		nft_set_text(set, s, &p->context, p->o);
}

static void print_bitwise(struct printer *p, const struct nlattr *const *tb)
{
	struct nft_source s = *reg_of(p, tb[NFTA_BITWISE_SREG]);
	size_t len;
	const uint8_t *mask = value_of(tb[NFTA_BITWISE_MASK], &len);

	if (mask && len <= sizeof(s.mask)) {
		s.masked = true;
		s.mask_len = len;
		memcpy(s.mask, mask, len);
	}
	*reg_of(p, tb[NFTA_BITWISE_DREG]) = s;
}

static void print_immediate(struct printer *p, const struct nlattr *const *tb)
{
	const struct nlattr *data[NFTA_DATA_MAX + 1], *v[NFTA_VERDICT_MAX + 1];
	char chain[NFT_NAME_LEN] = "";

	if (!tb[NFTA_IMMEDIATE_DATA] || nl_nested(tb[NFTA_IMMEDIATE_DATA], data, NFTA_DATA_MAX) < 0 ||
	    !data[NFTA_DATA_VERDICT] || nl_nested(data[NFTA_DATA_VERDICT], v, NFTA_VERDICT_MAX) < 0)
		return;
	if (v[NFTA_VERDICT_CHAIN])
		nl_string(v[NFTA_VERDICT_CHAIN], chain, sizeof(chain));
	end_wait(p, NULL);
	blank(p);
	nft_verdict_text((int32_t)be32(v[NFTA_VERDICT_CODE]), chain, p->o);
}

static void load_payload(struct printer *p, const struct nlattr *const *tb)
{
	if (tb[NFTA_PAYLOAD_DREG])
		*reg_of(p, tb[NFTA_PAYLOAD_DREG]) = (struct nft_source){.kind = NFT_SRC_PAYLOAD,
									.base = be32(tb[NFTA_PAYLOAD_BASE]),
									.offset = be32(tb[NFTA_PAYLOAD_OFFSET]),
									.len = be32(tb[NFTA_PAYLOAD_LEN])};
}

static void load_meta(struct printer *p, const struct nlattr *const *tb)
{
	if (tb[NFTA_META_DREG]) {
		*reg_of(p, tb[NFTA_META_DREG]) =
			(struct nft_source){.kind = NFT_SRC_META, .key = be32(tb[NFTA_META_KEY])};
		return;
	}
	blank(p);
	out_str(p->o, nft_meta_name(be32(tb[NFTA_META_KEY])));
	out_str(p->o, " set ...");
}

static void load_ct(struct printer *p, const struct nlattr *const *tb)
{
	if (tb[NFTA_CT_DREG])
		*reg_of(p, tb[NFTA_CT_DREG]) = (struct nft_source){.kind = NFT_SRC_CT, .key = be32(tb[NFTA_CT_KEY])};
}

static void keep_order(struct printer *p _unused_, const struct nlattr *const *tb _unused_)
{
	/* byteorder: the register holds the same value */
}

static void print_xt(struct printer *p, const char *expr, const struct nlattr *const *tb)
{
	const struct nlattr *info = tb[NFTA_MATCH_INFO];
	char name[32] = "?";

	if (tb[NFTA_MATCH_NAME])
		nl_string(tb[NFTA_MATCH_NAME], name, sizeof(name));
	end_wait(p, NULL);
	if (strcmp(expr, "match") == 0) {
		xt_match_text(name, be32(tb[NFTA_MATCH_REV]), info ? mnl_attr_get_payload(info) : NULL,
			      info ? mnl_attr_get_payload_len(info) : 0, p->o);
		return;
	}
	out_str(p->o, " -j ");
	out_escaped_word(p->o, name);
}

static void print_other(struct printer *p, const struct nft_expr *e)
{
	static const char *const plain[] = {"counter", "log", "reject", "notrack", "limit", "quota"};
	bool known = false;

	end_wait(p, NULL);
	blank(p);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		known |= strcmp(plain[i], e->name) == 0;
	if (!known)
		out_char(p->o, '[');
	out_escaped_word(p->o, e->name);
	if (!known)
		out_char(p->o, ']');
}

static void print_expr(struct printer *p, const struct nft_expr *e)
{
	static const struct {
		const char *name;
		void (*print)(struct printer *p, const struct nlattr *const *tb);
	} table[] = {
		{"immediate", print_immediate}, {"payload", load_payload}, {"meta", load_meta}, {"ct", load_ct},
		{"bitwise", print_bitwise},	{"byteorder", keep_order}, {"cmp", print_cmp},	{"range", print_range},
		{"lookup", print_lookup}};
	const struct nlattr *tb[ATTRS_MAX + 1] = {0};

	if (e->data && nl_nested(e->data, tb, ATTRS_MAX) < 0)
		return print_other(p, e);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(e->name, table[i].name) == 0)
			return table[i].print(p, tb);
	if (strcmp(e->name, "match") == 0 || strcmp(e->name, "target") == 0)
		print_xt(p, e->name, tb);
	else
		print_other(p, e);
}

void nft_rule_text(const struct nft_ruleset *r, const struct nft_rule *rule, struct out *o)
{
	struct printer p = {.set = r, .rule = rule, .o = o, .start = o->buf.len};
	struct rd list = rd_init(rule->exprs, rule->exprs_bytes);
	struct nft_expr e;

	if (rule->family == NFPROTO_IPV4 || rule->family == NFPROTO_IPV6)
		p.context.nfproto = rule->family;
	while (nft_next_expr(&list, &e))
		print_expr(&p, &e);
	end_wait(&p, NULL);
}
