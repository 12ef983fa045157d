/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules that the evidence programs can judge, and their records as steps. */
#include "hook_paths.h"

#include <arpa/inet.h>

#include "check/hooks.h"
#include "check/same_node_rules.h"
#include "rules/engine.h"
#include "rules/rules_parse.h"

static struct rules *parse(const char *text, size_t len)
{
	struct rules_error error;
	struct rules *rules = NULL;

	cr_assert_eq(rules_parse(text, len, &rules, &error), 0, "%u:%u: %s", error.line, error.column,
		     error.reason.text);
	return rules;
}

static const struct same_node_rules_names flows[] = {
	{.src = "10.0.0.133", .dst = "10.0.0.67", .proto = "icmp", .has = {[SEQ_BRIDGE] = true, [SEQ_NETKIT] = true}},
	{.src = "fd00::133", .dst = "fd00::67", .proto = "icmp6"},
	{.src = "10.0.0.133", .dst = "10.0.0.67", .proto = "tcp", .port = 80},
};

Test(hooks, judge_what_the_built_in_check_prints)
{
	for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
		for (enum mechanism m = MECH_UNKNOWN + 1; m < MECH_MAX; m++) {
			_cleanup_(rules_freep) struct rules *rules = NULL;
			_cleanup_world_ struct world w;
			_cleanup_buf_ struct buf text = {0};
			struct st_flow flow;

			world_init(&w);
			w.evidence.setup.expect = m;
			cr_assert_eq(same_node_rules(&w.evidence.setup, &flows[i], &text), 0);
			rules = parse(text.data, text.len);
			cr_assert(hooks_can_judge(rules, &flow), "%s:\n%s", mechanism_name(m), text.data);
			cr_expect_eq(flow.family, i == 1 ? 6 : 4);
			cr_expect_eq(flow.l4, i == 0 ? IPPROTO_ICMP : i == 1 ? IPPROTO_ICMPV6 : IPPROTO_TCP);
			if (i != 1)
				cr_expect_eq(flow.src_be[0], inet_addr("10.0.0.133"));
		}
	}
}

/* Each of these is the function trace's business. */
static const char *const others[] = {
	"packet 10.0.0.1 -> 10.0.0.2 icmp\nforbid *\n",
	"packet 10.0.0.1 -> 10.0.0.2 icmp\nforbid ip_rcv|ip_rcv_core\n",
	"packet 10.0.0.1 -> 10.0.0.2 icmp\nforbid ipv6_rcv\n",
	"packet 10.0.0.1 -> 10.0.0.2 icmp\nforbid kfree_skb\n",
	"packet 10.0.0.1 -> 10.0.0.2 icmp\nforbid ip_rcv drop *\n",
	"packet 10.0.0.1 -> 10.0.0.2 icmp\nforbid ip_rcv on iface lxc1\n",
	"packet 10.0.0.1 -> 10.0.0.2 icmp\nforbid ip_rcv on netns pod1\n",
	"packet 10.0.0.1 -> 10.0.0.2 icmp\nforbid ip_rcv on pod web\n",
	"packet 10.0.0.0/24 -> 10.0.0.2 icmp\nforbid ip_rcv\n",
	"packet any -> 10.0.0.2 icmp\nforbid ip_rcv\n",
	"packet 10.0.0.1 -> 10.0.0.2\nforbid ip_rcv\n",
	"packet 10.0.0.1 -> 10.0.0.2 sctp\nforbid ip_rcv\n",
	"packet icmp\nforbid ip_rcv\n",
	"packet 10.0.0.1 -> 10.0.0.2 icmp\nforbid ip_rcv\npacket 10.0.0.1 -> 10.0.0.3 icmp\nforbid ip_rcv\n",
	"packet 10.0.0.1 -> 10.0.0.2 udp\nforbid ip_rcv\npacket 10.0.0.2 -> 10.0.0.1 tcp\nforbid ip_rcv\n",
};

Test(hooks, leave_the_rest_to_the_trace)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		_cleanup_(rules_freep) struct rules *rules = parse(others[i], strlen(others[i]));
		struct st_flow flow = {.family = 99};

		cr_expect(!hooks_can_judge(rules, &flow), "%s", others[i]);
		cr_expect_eq(flow.family, 99);
	}
}

/* The printed rules, held against each path. */
static enum verdict verdict_of(const struct hook_path_step *path, enum mechanism expect)
{
	_cleanup_(rules_result_clear) struct rules_result result = {0};
	_cleanup_(engine_freep) struct engine *engine = NULL;
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_world_ struct world w;
	_cleanup_buf_ struct buf text = {0};
	struct engine_account account = {.ledger = {.provable = true}, .end_ns = UINT64_MAX};
	struct st_flow flow;

	world_init(&w);
	w.evidence.setup.expect = expect;
	cr_assert_eq(same_node_rules(&w.evidence.setup, &flows[0], &text), 0);
	rules = parse(text.data, text.len);
	cr_assert(hooks_can_judge(rules, &flow));
	cr_assert_eq(engine_new(rules, &(struct engine_opts){.enough_packets = 10}, &engine), 0);
	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++) {
		if (hooks_func(h, 4))
			engine_func(engine, hooks_func(h, 4), true);
	}
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		for (size_t i = 0; i < HOOK_PATH_MAX && path[i].hook != ST_HOOK_MAX; i++) {
			struct hook_event e = echo_at(&w, dir, 1, &path[i]);
			struct tuple tuple;
			struct step step;
			uint64_t pkt;
			bool copy;

			cr_assert_eq(evidence_table_number(&w.evidence, &e, &pkt, &copy), 0);
			cr_expect_eq(pkt, dir + 1);
			if (hooks_step(&flow, &e, pkt, &tuple, &step))
				engine_step(engine, &step);
		}
	}
	cr_assert_eq(engine_finish(engine, &account, &result), 0);
	return result.verdict;
}

Test(hooks, the_printed_rules_tell_the_ways_apart)
{
	static const struct {
		const struct hook_path_step *path;
		enum mechanism mechanism;
	} paths[] = {
		{hook_path_peer, MECH_REDIRECT_PEER},	 {hook_path_redirect, MECH_REDIRECT},
		{hook_path_host_stack, MECH_HOST_STACK}, {hook_path_bridge, MECH_BRIDGE},
		{hook_path_netkit, MECH_NETKIT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(paths); k++) {
			enum verdict v = verdict_of(paths[i].path, paths[k].mechanism);

			cr_expect_eq(v, i == k ? VERDICT_PASS : VERDICT_FAIL, "%s by the rules of %s: %s",
				     mechanism_name(paths[i].mechanism), mechanism_name(paths[k].mechanism),
				     verdict_name(v));
		}
	}
}

Test(hooks, a_drop_is_no_step_and_a_fragment_has_no_ports)
{
	struct st_flow flow = {.family = 4, .l4 = IPPROTO_UDP, .src_be = {1}, .dst_be = {2}};
	struct hook_event w = {.hook = ST_HOOK_DROP, .l4 = IPPROTO_UDP, .reverse = true};
	struct tuple tuple;
	struct step step;

	cr_expect(!hooks_step(&flow, &w, 1, &tuple, &step));
	w.hook = ST_HOOK_XMIT;
	cr_assert(hooks_step(&flow, &w, 7, &tuple, &step));
	cr_expect_eq(step.pkt, 7);
	cr_expect(!tuple.has_ports);
	cr_expect(!step.has_dev);
	cr_expect_eq(tuple.src[0], 2);
	w.has_l4 = true;
	w.sport = 5;
	cr_assert(hooks_step(&flow, &w, 7, &tuple, &step));
	cr_expect(tuple.has_ports);
	cr_expect_eq(tuple.sport, 5);
}
