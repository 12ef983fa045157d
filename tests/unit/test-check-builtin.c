/* SPDX-License-Identifier: GPL-2.0-only */
/* The built-in check as rules: every mechanism's parse, say what they should, and count what they should. */
#include "ways.h"

#include "check/builtin.h"
#include "rules/parse.h"

static const struct builtin_names names = {.src = "10.0.0.133",
					   .dst = "10.0.0.67",
					   .proto = "tcp port 80",
					   .where = {"web\n\033[2J", "host", "host", NULL}};

Test(builtin, rules_parse_for_every_mechanism)
{
	for (enum mechanism m = 0; m < MECH_MAX; m++) {
		_cleanup_(rules_freep) struct rules *rules = NULL;
		_cleanup_world_ struct world w;
		_cleanup_buf_ struct buf text = {0};
		struct rules_error error;

		world_init(&w);
		w.flow.setup.expect = m;
		cr_assert_eq(builtin_rules(&w.flow.setup, &names, &text), 0);
		cr_assert_eq(rules_parse(text.data, text.len, &rules, &error), 0, "%s: %u:%u: %s", mechanism_name(m),
			     error.line, error.column, error.reason.text);
		cr_expect_eq(rules->n_scopes, LEG_MAX);
		cr_expect_eq(rules->n_rules, m == MECH_REDIRECT	       ? 12
					     : m == MECH_REDIRECT_PEER ? 10
					     : m == MECH_NETKIT	       ? 6
								       : 8);
		cr_expect_eq(rules->scopes[0].match.port, 80);
		cr_expect_null(memchr(text.data, '\033', text.len));
	}
}

Test(builtin, the_veth_to_be_skipped_is_forbidden_in_its_leg)
{
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_world_ struct world w;
	_cleanup_buf_ struct buf text = {0};
	struct rules_error error;

	world_init(&w);
	cr_assert_eq(builtin_rules(&w.flow.setup, &names, &text), 0);
	cr_assert_eq(rules_parse(text.data, text.len, &rules, &error), 0);
	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		const struct scope *s = &rules->scopes[leg];
		const struct rule *last = &rules->rules[s->first_rule + s->n_rules - 1];

		cr_expect_str_eq(s->name, leg_name(leg));
		cr_expect_eq(last->kind, RULE_FORBID);
		cr_expect_eq(last->step.place.ifindex, w.flow.setup.points[leg_forbidden(leg)].ifindex);
		cr_expect_eq(last->step.place.netns, w.flow.setup.points[leg_forbidden(leg)].netns);
	}
}

Test(builtin, counts_packets_by_rule)
{
	_cleanup_world_ struct world w;
	struct builtin_leg legs[LEG_MAX];

	world_init(&w);
	walk_both(&w, 1, way_peer);
	walk(&w, LEG_REQUEST, 2, way_host_stack);
	walk_without(&w, LEG_REPLY, 2, way_peer, 0);
	walk_part(&w, LEG_REQUEST, 3, way_peer, 1);
	cr_assert_eq(builtin_judge(&w.flow, legs), 0);
	cr_expect_eq(legs[LEG_REQUEST].left, 3);
	cr_expect_eq(legs[LEG_REQUEST].received, 2);
	cr_expect_eq(legs[LEG_REQUEST].arrived, 2);
	cr_expect_eq(legs[LEG_REQUEST].carried, 1);
	cr_expect_eq(legs[LEG_REQUEST].crossed, 1);
	cr_expect_eq(legs[LEG_REPLY].left, 1);
	cr_expect_eq(legs[LEG_REPLY].arrived, 2);
	cr_expect_eq(legs[LEG_REPLY].crossed, 0);
}
