/* SPDX-License-Identifier: GPL-2.0-only */
/* Which routing rule or route decides. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "owner/fib.h"
#include "render/out/out.h"

static struct fib fib;
static struct fib_rule rules[8];
static struct fib_route routes[8];

static struct fib_prefix prefix(const char *addr, uint8_t bits)
{
	struct fib_prefix p = {.bits = bits};

	cr_assert_eq(inet_pton(AF_INET, addr, p.addr), 1);
	return p;
}

static struct fib_rule *rule(uint32_t priority, uint32_t table)
{
	struct fib_rule *r = &rules[fib.n_rules++];

	*r = (struct fib_rule){
		.family = AF_INET, .priority = priority, .action = table ? FR_ACT_TO_TBL : 0, .table = table};
	return r;
}

static struct fib_route *route(uint32_t table, const char *addr, uint8_t bits, uint8_t type)
{
	struct fib_route *r = &routes[fib.n_routes++];

	*r = (struct fib_route){.family = AF_INET, .table = table, .type = type, .dst = prefix(addr, bits), .oif = 2};
	return r;
}

static struct fib_result look_up(const char *dst)
{
	struct fib_query q = {.family = AF_INET, .iif = "eth0", .has_l4 = true, .l4 = 17};
	struct fib_result r;

	memcpy(q.dst, prefix(dst, 32).addr, sizeof(q.dst));
	memcpy(q.src, prefix("192.0.2.1", 32).addr, sizeof(q.src));
	fib_lookup(&fib, &q, &r);
	return r;
}

static void setup(void)
{
	memset(&fib, 0, sizeof(fib));
	fib.rules = rules;
	fib.routes = routes;
}

TestSuite(owner_fib, .init = setup);

Test(owner_fib, the_longest_prefix_decides)
{
	rule(32766, RT_TABLE_MAIN);
	route(RT_TABLE_MAIN, "10.0.0.0", 8, RTN_BLACKHOLE);
	route(RT_TABLE_MAIN, "10.1.0.0", 16, RTN_PROHIBIT);
	route(100, "10.1.2.0", 24, RTN_UNREACHABLE); /* in a table that nobody looks in */
	cr_assert_eq(look_up("10.1.2.3").route->type, RTN_PROHIBIT);
	cr_assert_eq(look_up("10.2.0.1").route->type, RTN_BLACKHOLE);
}

Test(owner_fib, a_dead_route_is_none_and_a_lower_metric_wins)
{
	rule(32766, RT_TABLE_MAIN);
	route(RT_TABLE_MAIN, "10.0.0.0", 8, RTN_UNICAST)->metric = 20;
	route(RT_TABLE_MAIN, "10.0.0.0", 8, RTN_PROHIBIT)->metric = 10;
	route(RT_TABLE_MAIN, "10.1.0.0", 16, RTN_BLACKHOLE)->dead = true;
	cr_assert_eq(look_up("10.1.2.3").route->type, RTN_PROHIBIT);
}

Test(owner_fib, rules_are_asked_in_their_order_and_a_throw_goes_on)
{
	rule(100, 7);
	rule(32766, RT_TABLE_MAIN);
	route(7, "0.0.0.0", 0, RTN_THROW);
	route(RT_TABLE_MAIN, "0.0.0.0", 0, RTN_UNICAST);
	cr_assert_eq(look_up("10.1.2.3").rule->priority, 32766u);
}

Test(owner_fib, the_action_of_a_rule_decides_where_it_matches)
{
	struct fib_result r;

	rule(90, 0)->action = FR_ACT_BLACKHOLE;
	strcpy(rules[0].iif, "eth1");
	rule(100, 0)->action = FR_ACT_UNREACHABLE;
	rules[1].dst = prefix("10.0.0.0", 8);
	r = look_up("10.1.2.3");
	cr_assert_eq(r.rule->priority, 100u);
	cr_assert_null(r.route);
	cr_assert_null(look_up("11.0.0.1").rule);
}

Test(owner_fib, a_rule_that_cannot_be_judged_leaves_it_open)
{
	rule(100, 0)->action = FR_ACT_BLACKHOLE;
	rules[0].unknown = true;
	cr_assert_not(look_up("10.1.2.3").known);
	rules[0].dst = prefix("11.0.0.0", 8); /* it does not match in any case */
	cr_assert(look_up("10.1.2.3").known);
}

Test(owner_fib, a_short_prefix_is_suppressed)
{
	rule(100, RT_TABLE_MAIN)->has_suppress = true;
	rule(200, 0)->action = FR_ACT_PROHIBIT;
	route(RT_TABLE_MAIN, "0.0.0.0", 0, RTN_UNICAST);
	cr_assert_eq(look_up("10.1.2.3").rule->priority, 200u);
}

Test(owner_fib, a_goto_skips_and_an_endless_one_ends)
{
	rule(100, 0)->action = FR_ACT_GOTO;
	rules[0].target = 300;
	rule(200, 0)->action = FR_ACT_BLACKHOLE;
	rule(300, 0)->action = FR_ACT_PROHIBIT;
	cr_assert_eq(look_up("10.1.2.3").rule->priority, 300u);
	rules[0].target = 100;
	cr_assert_eq(look_up("10.1.2.3").rule->priority, 200u);
}

static void text_is(const struct fib_rule *r, const char *want)
{
	_cleanup_out_ struct out o = {0};

	fib_rule_text(r, &o);
	out_char(&o, '\0');
	cr_assert_str_eq(o.buf.data, want);
}

Test(owner_fib, text_of_rules)
{
	struct fib_rule *r = rule(100, 0);

	r->action = FR_ACT_PROHIBIT;
	r->src = prefix("10.0.0.0", 8);
	r->has_mark = true;
	r->mark = 1;
	r->mark_mask = 0xff;
	r->has_l4 = true;
	r->l4 = 17;
	r->has_dport = true;
	r->dport[0] = 53;
	r->dport[1] = 54;
	text_is(r, "100: from 10.0.0.0/8 fwmark 0x1/0xff ipproto udp dport 53-54 prohibit");
	text_is(rule(200, RT_TABLE_LOCAL), "200: from all lookup local");
}
