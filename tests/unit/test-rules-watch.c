/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine over time: which step decides, when it is done, what it holds. */
#include "test-rules-steps.h"

Test(rules_watch, the_step_that_decided)
{
	static const struct setting stack = {PATH, {STACK(7, 10)}};
	struct rules *rules = NULL;
	struct rules_result r;
	char text[REPORTED_STEP_TEXT_SIZE];

	judge_all(&stack, &rules, &r);
	cr_expect(r.results[0].has_step);
	cr_expect_eq(r.results[0].step.ts_ns, 10 * MS);
	rules_reported_step_text(&r.results[1].step, text); /* missing: the packet's last step */
	cr_expect_str_eq(text, "ip_rcv on eth0 (ifindex 2) in pod2");
	cr_expect_not(r.results[2].has_step);
	rules_reported_step_text(&r.results[3].step, text);
	cr_expect_str_eq(text, "dev_hard_start_xmit on lxc2 (ifindex 12) in host");
	cr_expect_eq(r.results[3].step.pkt, 7);
	cr_expect_eq(r.results[4].count, 2);
	cr_expect_eq(r.scopes[0].packets, 1);
	rules_result_clear(&r);
	rules_free(rules);
}

/* Ends by itself once each scope has a packet that fell silent, and takes no further ones in. */
Test(rules_watch, done)
{
	static const struct setting set = {PATH "packet back 10.0.0.67 -> 10.0.0.133\nexpect ip_rcv\n"};
	static const struct at steps[] = {REQUEST(1, 10)}, reply = {2, 50, "ip_rcv", "eth0", POD1, .back = true};
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_(engine_freep) struct engine *e = engine_for(&set, &rules);
	struct engine_account account = {.ledger = {.provable = true}, .end_ns = END};
	struct rules_result r;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		add(e, &steps[i]);
	engine_tick(e, 2000 * MS);
	cr_expect_not(engine_done(e)); /* the reply is waited for */
	add(e, &reply);
	cr_expect_not(engine_done(e));				/* it may go on */
	add(e, &(struct at){3, 60, "veth_xmit", "lxc2", HOST}); /* not taken in */
	engine_tick(e, 1050 * MS);
	cr_expect_not(engine_done(e));
	engine_tick(e, 1051 * MS);
	cr_expect(engine_done(e));
	cr_assert_eq(engine_finish(e, &account, &r), 0);
	cr_expect_eq(r.verdict, VERDICT_PASS, "%s", r.n_reasons ? r.reasons[0].text : "");
	cr_expect_eq(r.scopes[0].packets, 1);
	rules_result_clear(&r);
}

static const struct {
	const char *rules;
	bool done;
} flows[] = {
	{"flow\nexpect ip_rcv", true},	    {"flow\nexpect ip_forward", false}, {"flow\ncount ip_rcv >= 1", true},
	{"flow\ncount ip_rcv == 1", false}, {"flow\ncount ip_rcv == 0", true},	{"flow\nforbid ip_forward", false},
	{"flow\nforbid ip_rcv", true},	    {"flow\ncount * >= 0", true},
};

/* A flow is waited for as long as its end can change. */
Test(rules_watch, done_with_a_flow)
{
	static const struct at steps[] = {REQUEST(1, 10)};

	for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
		struct setting set = {flows[i].rules};
		_cleanup_(rules_freep) struct rules *rules = NULL;
		_cleanup_(engine_freep) struct engine *e = engine_for(&set, &rules);

		cr_expect_not(engine_done(e), "%s", flows[i].rules);
		for (size_t k = 0; k < ARRAY_SIZE(steps); k++)
			add(e, &steps[k]);
		engine_tick(e, 5000 * MS);
		cr_expect_eq(engine_done(e), flows[i].done, "%s", flows[i].rules);
	}
}

/* State is given back: far more packets than there is room for, one after the other and interleaved. */
Test(rules_watch, bounded)
{
	static const struct setting set = {PATH "flow all\ncount ip_rcv == 100000\n", .max_packets = 8,
					   .packets = 3000};
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_(engine_freep) struct engine *e = engine_for(&set, &rules);
	struct engine_account account = {.ledger = {.provable = true}};
	struct rules_result r;

	for (uint64_t i = 1; i <= 3000; i++) {
		struct at steps[] = {REQUEST(i, i * 600)};

		for (size_t k = 0; k < ARRAY_SIZE(steps); k++)
			add(e, &steps[k]);
	}
	account.end_ns = 3002 * 600 * MS;
	cr_assert_eq(engine_finish(e, &account, &r), 0);
	cr_expect_eq(r.scopes[0].packets, 3000);
	cr_expect_eq(r.results[0].satisfied, 3000);
	cr_expect_eq(r.results[5].count, 3000);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	for (size_t i = 0; i < r.n_reasons; i++)
		cr_expect_neq(r.reasons[i].code, RULES_TOO_MANY_PACKETS);
	rules_result_clear(&r);
}

Test(rules_watch, more_reasons_than_room)
{
	char text[8192] = "packet\n";
	struct setting set = {text, {REQUEST(1, 10)}};
	struct rules *rules = NULL;
	struct rules_result r;

	for (unsigned i = 0; i < 100; i++)
		strcat(text, "forbid ip_rcv\n");
	judge_all(&set, &rules, &r);
	cr_expect_eq(r.n_reasons, ARRAY_SIZE(r.reasons));
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	rules_result_clear(&r);
	rules_free(rules);
}

static bool has_ended(const void *ctx, uint64_t pkt)
{
	return pkt == *(const uint64_t *)ctx;
}

/* A recording may stop right after a packet: it is left out unless its end was seen. */
Test(rules_watch, a_packet_whose_end_was_seen_is_not_under_way)
{
	static const struct setting set = {PATH};
	static const struct at steps[] = {REQUEST(1, 10)};

	for (uint64_t ended = 0; ended < 2; ended++) {
		_cleanup_(rules_freep) struct rules *rules = NULL;
		_cleanup_(engine_freep) struct engine *e = engine_for(&set, &rules);
		struct engine_account account = {
			.ledger = {.provable = true}, .end_ns = 13 * MS, .ended = has_ended, .ctx = &ended};
		struct rules_result r;

		for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
			add(e, &steps[i]);
		cr_assert_eq(engine_finish(e, &account, &r), 0);
		cr_expect_eq(r.scopes[0].packets, ended);
		cr_expect_eq(r.scopes[0].under_way, 1 - ended);
		cr_expect_eq(r.verdict, ended ? VERDICT_PASS : VERDICT_INCONCLUSIVE);
		rules_result_clear(&r);
	}
}

/* Where the host's namespace is not known by number its name tells, and no name tells nothing. */
Test(rules_watch, the_host_of_a_recording)
{
	static const struct {
		const char *name;
		enum rule_state state;
	} cases[] = {{"host", RULE_VIOLATED}, {"pod1", RULE_SATISFIED}, {NULL, RULE_NOT_JUDGED}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static const char text[] = "packet\nforbid ip_rcv on netns host\n";
		_cleanup_(rules_freep) struct rules *rules = NULL;
		_cleanup_(engine_freep) struct engine *e = NULL;
		struct engine_account account = {.ledger = {.provable = true}, .end_ns = END};
		struct tuple tuple = {.family = 4};
		struct step step = {
			.ts_ns = 5, .pkt = 1, .func = "ip_rcv", .netns = 77, .has_netns = true, .tuple = &tuple};
		struct rules_error error;
		struct rules_result r;

		step.netns_name = cases[i].name;
		cr_assert_eq(rules_parse(text, strlen(text), &rules, &error), 0);
		cr_assert_eq(engine_new(rules, &(struct engine_opts){0}, &e), 0);
		engine_func(e, "ip_rcv", true);
		engine_step(e, &step);
		cr_assert_eq(engine_finish(e, &account, &r), 0);
		cr_expect_eq(r.results[0].state, cases[i].state, "%s", cases[i].name ? cases[i].name : "none");
		rules_result_clear(&r);
	}
}
