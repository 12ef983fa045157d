/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of nftables, built as the kernel sends them: which of them may drop a packet, and their text. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "owner/nft.h"
#include "render/out/out.h"

/* One message without its nlmsghdr. */
struct message {
	char buf[4096] __attribute__((aligned(8)));
	struct nlmsghdr *h;
};

static struct nft_ruleset rules;

static void begin(struct message *m, uint8_t family)
{
	struct nfgenmsg *g;

	memset(m, 0, sizeof(*m));
	m->h = mnl_nlmsg_put_header(m->buf);
	g = mnl_nlmsg_put_extra_header(m->h, sizeof(*g));
	g->nfgen_family = family;
}

static int give(struct message *m, uint16_t type)
{
	struct rd rd = rd_init(mnl_nlmsg_get_payload(m->h), mnl_nlmsg_get_payload_len(m->h));

	return nft_parse_message(&rules, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), &rd);
}

static void u32(struct message *m, uint16_t type, uint32_t v)
{
	mnl_attr_put_u32(m->h, type, htonl(v));
}

static void chain(const char *name, bool base, uint32_t policy)
{
	struct message m;
	struct nlattr *nest;

	begin(&m, NFPROTO_INET);
	mnl_attr_put_strz(m.h, NFTA_CHAIN_TABLE, "t");
	mnl_attr_put_strz(m.h, NFTA_CHAIN_NAME, name);
	if (base) {
		nest = mnl_attr_nest_start(m.h, NFTA_CHAIN_HOOK);
		u32(&m, NFTA_HOOK_HOOKNUM, NF_INET_FORWARD);
		u32(&m, NFTA_HOOK_PRIORITY, 0);
		mnl_attr_nest_end(m.h, nest);
		u32(&m, NFTA_CHAIN_POLICY, policy);
	}
	cr_assert_eq(give(&m, NFT_MSG_NEWCHAIN), 0);
}

static struct nlattr *list;

static void rule_begin(struct message *m, const char *in, uint64_t handle)
{
	begin(m, NFPROTO_INET);
	mnl_attr_put_strz(m->h, NFTA_RULE_TABLE, "t");
	mnl_attr_put_strz(m->h, NFTA_RULE_CHAIN, in);
	mnl_attr_put_u64(m->h, NFTA_RULE_HANDLE, htobe64(handle));
	list = mnl_attr_nest_start(m->h, NFTA_RULE_EXPRESSIONS);
}

static void rule_end(struct message *m)
{
	mnl_attr_nest_end(m->h, list);
	cr_assert_eq(give(m, NFT_MSG_NEWRULE), 0);
}

struct expr {
	struct nlattr *elem, *data;
};

static struct expr expr_begin(struct message *m, const char *name)
{
	struct expr e = {.elem = mnl_attr_nest_start(m->h, NFTA_LIST_ELEM)};

	mnl_attr_put_strz(m->h, NFTA_EXPR_NAME, name);
	e.data = mnl_attr_nest_start(m->h, NFTA_EXPR_DATA);
	return e;
}

static void expr_end(struct message *m, struct expr e)
{
	mnl_attr_nest_end(m->h, e.data);
	mnl_attr_nest_end(m->h, e.elem);
}

static void value(struct message *m, uint16_t type, const void *v, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(m->h, type);

	mnl_attr_put(m->h, NFTA_DATA_VALUE, len, v);
	mnl_attr_nest_end(m->h, nest);
}

static void payload(struct message *m, uint32_t base, uint32_t offset, uint32_t len)
{
	struct expr e = expr_begin(m, "payload");

	u32(m, NFTA_PAYLOAD_DREG, NFT_REG_1);
	u32(m, NFTA_PAYLOAD_BASE, base);
	u32(m, NFTA_PAYLOAD_OFFSET, offset);
	u32(m, NFTA_PAYLOAD_LEN, len);
	expr_end(m, e);
}

static void meta(struct message *m, uint32_t key)
{
	struct expr e = expr_begin(m, "meta");

	u32(m, NFTA_META_DREG, NFT_REG_1);
	u32(m, NFTA_META_KEY, key);
	expr_end(m, e);
}

static void cmp(struct message *m, uint32_t op, const void *v, size_t len)
{
	struct expr e = expr_begin(m, "cmp");

	u32(m, NFTA_CMP_SREG, NFT_REG_1);
	u32(m, NFTA_CMP_OP, op);
	value(m, NFTA_CMP_DATA, v, len);
	expr_end(m, e);
}

static void verdict(struct message *m, int32_t code, const char *to)
{
	struct expr e = expr_begin(m, "immediate");
	struct nlattr *data, *v;

	u32(m, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = mnl_attr_nest_start(m->h, NFTA_IMMEDIATE_DATA);
	v = mnl_attr_nest_start(m->h, NFTA_DATA_VERDICT);
	u32(m, NFTA_VERDICT_CODE, (uint32_t)code);
	if (to)
		mnl_attr_put_strz(m->h, NFTA_VERDICT_CHAIN, to);
	mnl_attr_nest_end(m->h, v);
	mnl_attr_nest_end(m->h, data);
	expr_end(m, e);
}

static void plain(struct message *m, const char *name)
{
	expr_end(m, expr_begin(m, name));
}

static void udp_dport(struct message *m, uint16_t port)
{
	uint8_t udp = 17, port_be[2] = {(uint8_t)(port >> 8), (uint8_t)port};

	meta(m, NFT_META_L4PROTO);
	cmp(m, NFT_CMP_EQ, &udp, 1);
	payload(m, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
	cmp(m, NFT_CMP_EQ, port_be, 2);
}

/* A rule for a port in chain `in`. */
static void port_rule(const char *in, uint64_t handle, uint16_t port, int32_t code, const char *to)
{
	struct message m;

	rule_begin(&m, in, handle);
	udp_dport(&m, port);
	verdict(&m, code, to);
	rule_end(&m);
}

static struct nft_packet packet_to(uint16_t port)
{
	struct event ev = {.tuple = {.family = 4, .has_l4 = true, .l4 = 17, .has_ports = true, .dport = port}};
	struct nft_packet p = {.nfproto = NFPROTO_IPV4, .has_l4 = true, .l4 = 17};

	memcpy(ev.tuple.src, (uint8_t[]){10, 0, 0, 1}, 4);
	memcpy(ev.tuple.dst, (uint8_t[]){10, 0, 0, 2}, 4);
	headers_of(&ev, &p.headers);
	return p;
}

static struct nft_verdict evaluate(uint16_t port)
{
	struct nft_packet p = packet_to(port);
	struct nft_verdict v = {0};

	nft_evaluate(&rules, &rules.chains[0], &p, &v);
	return v;
}

static void setup(void)
{
	chain("fwd", true, NF_ACCEPT);
}

static void teardown(void)
{
	nft_ruleset_free(&rules);
}

TestSuite(owner_nft, .init = setup, .fini = teardown);

Test(owner_nft, the_rule_that_matches_drops_and_not_the_one_beside_it)
{
	struct nft_verdict v;

	port_rule("fwd", 3, 8, NF_DROP, NULL);
	port_rule("fwd", 4, 9, NF_DROP, NULL);
	v = evaluate(9);
	cr_assert_eq(v.n, 1u);
	cr_assert_eq(v.v[0].rule->handle, 4u);
	cr_assert(v.v[0].sure);
	cr_assert_not(v.passed);
}

Test(owner_nft, what_matches_nothing_passes)
{
	struct nft_verdict v;

	port_rule("fwd", 3, 8, NF_DROP, NULL);
	v = evaluate(9);
	cr_assert_eq(v.n, 0u);
	cr_assert(v.passed);
}

Test(owner_nft, an_accept_before_ends_the_chain)
{
	struct nft_verdict v;

	port_rule("fwd", 3, 9, NF_ACCEPT, NULL);
	port_rule("fwd", 4, 9, NF_DROP, NULL);
	v = evaluate(9);
	cr_assert_eq(v.n, 0u);
	cr_assert(v.passed);
}

Test(owner_nft, a_jump_is_followed_and_returns)
{
	struct nft_verdict v;

	chain("sub", false, 0);
	port_rule("fwd", 3, 9, NFT_JUMP, "sub");
	port_rule("fwd", 4, 9, NF_DROP, NULL);
	port_rule("sub", 5, 8, NF_DROP, NULL);
	port_rule("sub", 6, 9, NFT_RETURN, NULL);
	port_rule("sub", 7, 9, NF_DROP, NULL);
	v = evaluate(9);
	cr_assert_eq(v.n, 1u);
	cr_assert_eq(v.v[0].rule->handle, 4u);
	cr_assert(v.v[0].sure);
}

Test(owner_nft, a_goto_does_not_come_back)
{
	struct nft_verdict v;

	rules.chains[0].policy = NF_DROP;
	chain("sub", false, 0);
	port_rule("fwd", 3, 9, NFT_GOTO, "sub");
	port_rule("fwd", 4, 9, NF_DROP, NULL);
	port_rule("sub", 5, 8, NF_DROP, NULL);
	v = evaluate(9);
	cr_assert_eq(v.n, 1u);
	cr_assert_null(v.v[0].rule); /* the policy */
}

Test(owner_nft, what_is_not_understood_stays_a_candidate)
{
	struct nft_verdict v;
	struct message m;

	rule_begin(&m, "fwd", 3);
	plain(&m, "an_expression");
	verdict(&m, NF_DROP, NULL);
	rule_end(&m);
	port_rule("fwd", 4, 9, NF_DROP, NULL);
	v = evaluate(9);
	cr_assert_eq(v.n, 2u);
	cr_assert_eq(v.v[0].rule->handle, 3u);
	cr_assert_not(v.v[0].sure);
	cr_assert_eq(v.v[1].rule->handle, 4u);
	cr_assert_not(v.v[1].sure);
}

Test(owner_nft, an_unknown_mark_leaves_the_rule_open)
{
	struct nft_verdict v;
	struct message m;
	uint32_t mark = 7;

	rule_begin(&m, "fwd", 3);
	meta(&m, NFT_META_MARK);
	cmp(&m, NFT_CMP_EQ, &mark, 4);
	verdict(&m, NF_DROP, NULL);
	rule_end(&m);
	v = evaluate(9);
	cr_assert_eq(v.n, 1u);
	cr_assert_not(v.v[0].sure);
	cr_assert(v.passed);
}

Test(owner_nft, the_policy_drops_what_nothing_ended)
{
	struct nft_verdict v;

	rules.chains[0].policy = NF_DROP;
	port_rule("fwd", 3, 8, NF_DROP, NULL);
	v = evaluate(9);
	cr_assert_eq(v.n, 1u);
	cr_assert_null(v.v[0].rule);
	cr_assert(v.v[0].sure);
	cr_assert_not(v.passed);
}

Test(owner_nft, endless_jumps_end)
{
	struct nft_verdict v;

	port_rule("fwd", 3, 9, NFT_JUMP, "fwd");
	port_rule("fwd", 4, 9, NF_DROP, NULL);
	v = evaluate(9);
	cr_assert_geq(v.n, 1u);
}

static void set_of(const char *name, uint32_t flags, uint32_t key_bytes)
{
	struct message m;

	begin(&m, NFPROTO_INET);
	mnl_attr_put_strz(m.h, NFTA_SET_TABLE, "t");
	mnl_attr_put_strz(m.h, NFTA_SET_NAME, name);
	u32(&m, NFTA_SET_FLAGS, flags);
	u32(&m, NFTA_SET_KEY_LEN, key_bytes);
	cr_assert_eq(give(&m, NFT_MSG_NEWSET), 0);
	rules.sets[rules.n_sets - 1].complete = true;
}

static void element(const char *set, const void *key, size_t len, uint32_t flags)
{
	struct nlattr *elems, *elem;
	struct message m;

	begin(&m, NFPROTO_INET);
	mnl_attr_put_strz(m.h, NFTA_SET_ELEM_LIST_TABLE, "t");
	mnl_attr_put_strz(m.h, NFTA_SET_ELEM_LIST_SET, set);
	elems = mnl_attr_nest_start(m.h, NFTA_SET_ELEM_LIST_ELEMENTS);
	elem = mnl_attr_nest_start(m.h, NFTA_LIST_ELEM);
	value(&m, NFTA_SET_ELEM_KEY, key, len);
	if (flags)
		u32(&m, NFTA_SET_ELEM_FLAGS, flags);
	mnl_attr_nest_end(m.h, elem);
	mnl_attr_nest_end(m.h, elems);
	cr_assert_eq(give(&m, NFT_MSG_NEWSETELEM), 0);
}

static void lookup_rule(uint64_t handle, const char *set, bool invert)
{
	struct message m;
	struct expr e;

	rule_begin(&m, "fwd", handle);
	payload(&m, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	e = expr_begin(&m, "lookup");
	mnl_attr_put_strz(m.h, NFTA_LOOKUP_SET, set);
	u32(&m, NFTA_LOOKUP_SREG, NFT_REG_1);
	if (invert)
		u32(&m, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	expr_end(&m, e);
	verdict(&m, NF_DROP, NULL);
	rule_end(&m);
}

Test(owner_nft, an_interval_holds_what_lies_between_its_ends)
{
	struct nft_verdict v;

	/* 10.0.0.0/31, and 10.0.0.2 to the end of that network: adjacent intervals in any order */
	set_of("near", NFT_SET_INTERVAL, 4);
	element("near", (uint8_t[]){10, 0, 0, 2}, 4, NFT_SET_ELEM_INTERVAL_END);
	element("near", (uint8_t[]){10, 0, 0, 0}, 4, 0);
	set_of("far", NFT_SET_INTERVAL, 4);
	element("far", (uint8_t[]){10, 0, 0, 2}, 4, 0);
	element("far", (uint8_t[]){10, 0, 1, 0}, 4, NFT_SET_ELEM_INTERVAL_END);
	lookup_rule(3, "far", false);
	lookup_rule(4, "near", false);
	v = evaluate(9); /* from 10.0.0.1 */
	cr_assert_eq(v.n, 1u);
	cr_assert_eq(v.v[0].rule->handle, 4u);
}

Test(owner_nft, a_set_that_was_not_read_leaves_the_rule_open)
{
	struct nft_verdict v;

	set_of("s", 0, 4);
	rules.sets[0].complete = false;
	lookup_rule(3, "s", true);
	v = evaluate(9);
	cr_assert_eq(v.n, 1u);
	cr_assert_not(v.v[0].sure);
}

Test(owner_nft, a_table_may_be_switched_off)
{
	struct message m;

	begin(&m, NFPROTO_INET);
	mnl_attr_put_strz(m.h, NFTA_TABLE_NAME, "t");
	u32(&m, NFTA_TABLE_FLAGS, 0);
	cr_assert_eq(give(&m, NFT_MSG_NEWTABLE), 0);
	cr_assert_not(rules.chains[0].dormant);
	begin(&m, NFPROTO_INET);
	mnl_attr_put_strz(m.h, NFTA_TABLE_NAME, "t");
	u32(&m, NFTA_TABLE_FLAGS, NFT_TABLE_F_DORMANT);
	cr_assert_eq(give(&m, NFT_MSG_NEWTABLE), 0);
	cr_assert(rules.chains[0].dormant);
}

static void text_is(const struct nft_rule *r, const char *want)
{
	_cleanup_out_ struct out o = {0};

	nft_rule_text(&rules, r, &o);
	out_char(&o, '\0');
	cr_assert_str_eq(o.buf.data, want);
}

Test(owner_nft, text_of_ports_and_prefixes)
{
	uint8_t net[3] = {10, 1, 2};
	struct message m;

	rule_begin(&m, "fwd", 3);
	meta(&m, NFT_META_NFPROTO);
	cmp(&m, NFT_CMP_EQ, (uint8_t[]){NFPROTO_IPV4}, 1);
	payload(&m, NFT_PAYLOAD_NETWORK_HEADER, 16, 3);
	cmp(&m, NFT_CMP_EQ, net, 3);
	udp_dport(&m, 53);
	plain(&m, "counter");
	verdict(&m, NF_DROP, NULL);
	rule_end(&m);
	text_is(&rules.rules[0], "ip daddr 10.1.2.0/24 udp dport 53 counter drop");
}

Test(owner_nft, text_of_devices_and_what_is_not_known)
{
	struct message m;
	char name[16] = "eth0";

	rule_begin(&m, "fwd", 3);
	meta(&m, NFT_META_IIFNAME);
	cmp(&m, NFT_CMP_NEQ, name, sizeof(name));
	meta(&m, NFT_META_OIFNAME);
	cmp(&m, NFT_CMP_EQ, "wg", 2);
	meta(&m, NFT_META_L4PROTO);
	cmp(&m, NFT_CMP_EQ, (uint8_t[]){6}, 1);
	plain(&m, "an_expression");
	verdict(&m, NFT_JUMP, "sub");
	rule_end(&m);
	text_is(&rules.rules[0], "iifname != \"eth0\" oifname \"wg*\" meta l4proto tcp [an_expression] jump sub");
}

Test(owner_nft, malformed_messages_are_refused)
{
	uint8_t bytes[] = {1, 0, 0, 0, 255, 255, 1, 0};

	for (unsigned type = 0; type < NFT_MSG_MAX; type++)
		for (size_t n = 0; n <= sizeof(bytes); n++) {
			struct rd rd = rd_init(bytes, n);

			(void)nft_parse_message(&rules, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), &rd);
		}
	cr_assert_eq(rules.n_rules + rules.n_sets + rules.n_chains, 1u);
}
