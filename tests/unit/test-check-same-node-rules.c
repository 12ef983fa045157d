/* SPDX-License-Identifier: GPL-2.0-only */
/* The built-in check as rules: every mechanism's rules parse, say what they should, and count what the verdict counts.
 */
#include "hook_paths.h"

#include "check/hooks.h"
#include "check/same_node_rules.h"
#include "rules/engine.h"
#include "rules/rules_parse.h"

static const struct same_node_rules_names names = {.src = "10.0.0.133",
						   .dst = "10.0.0.67",
						   .proto = "tcp",
						   .port = 80,
						   .where = {"web\n\033[2J", "host", "host", NULL}};

Test(same_node_rules, rules_parse_for_every_mechanism)
{
	for (enum mechanism m = MECH_UNKNOWN + 1; m < MECH_MIXED; m++) {
		_cleanup_(rules_freep) struct rules *rules = NULL;
		_cleanup_world_ struct world w;
		_cleanup_buf_ struct buf text = {0};
		struct rules_error error;

		world_init(&w);
		w.evidence.setup.expect = m;
		cr_assert_eq(same_node_rules(&w.evidence.setup, &names, &text), 0);
		cr_assert_eq(rules_parse(text.data, text.len, &rules, &error), 0, "%s: %u:%u: %s", mechanism_name(m),
			     error.line, error.column, error.reason.text);
		cr_expect_eq(rules->n_scopes, DIRECTION_MAX);
		/* the steps, the counts of five hooks and, where a veth is to be skipped, the forbid */
		cr_expect_eq(rules->n_rules, 2 * (sequence_of(m)->n + 5u + (m == MECH_REDIRECT_PEER)), "%s",
			     mechanism_name(m));
		/* what the destination sends from another port, or the source to another one, is no packet of the flow
		 */
		cr_expect_eq(rules->scopes[DIRECTION_REQUEST].match.dport, 80);
		cr_expect_eq(rules->scopes[DIRECTION_REPLY].match.sport, 80);
		cr_expect_eq(rules->scopes[0].match.port, 0);
		cr_expect_null(memchr(text.data, '\033', text.len));
	}
}

Test(same_node_rules, the_veth_to_be_skipped_is_forbidden_in_its_leg)
{
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_world_ struct world w;
	_cleanup_buf_ struct buf text = {0};
	struct rules_error error;

	world_init(&w);
	cr_assert_eq(same_node_rules(&w.evidence.setup, &names, &text), 0);
	cr_assert_eq(rules_parse(text.data, text.len, &rules, &error), 0);
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		const struct scope *s = &rules->scopes[dir];
		const struct rule *last = &rules->rules[s->first_rule + s->n_rules - 1];

		cr_expect_str_eq(s->name, direction_name(dir));
		cr_expect_eq(last->kind, RULE_FORBID);
		cr_expect_eq(last->step.device.ifindex, w.evidence.setup.points[direction_forbidden(dir)].ifindex);
		cr_expect_eq(last->step.device.netns, w.evidence.setup.points[direction_forbidden(dir)].netns);
	}
}

/* --- the check and its printed rules are one claim, judged by two engines --- */

/* A flow's events, for both readers: w's own table judges, the other gives packets their numbers as check path does. */
struct readers {
	struct world w;
	struct evidence_table numbers;
	struct engine *engine;
	struct rules *rules;
	struct st_flow flow;
};

static void readers_clear(struct readers *r)
{
	engine_free(r->engine);
	rules_free(r->rules);
	evidence_table_free(&r->numbers);
	world_clear(&r->w);
}

static void readers_init(struct readers *r, enum mechanism expect)
{
	static const struct same_node_rules_names pods = {
		.src = "10.0.0.133",
		.dst = "10.0.0.67",
		.proto = "icmp",
		.has = {[SEQ_VETH] = true, [SEQ_BRIDGE] = true, [SEQ_NETKIT] = true}};
	_cleanup_buf_ struct buf text = {0};
	struct check_setup setup = {.l4 = IPPROTO_ICMP};
	struct rules_error error;

	*r = (struct readers){0};
	world_init(&r->w);
	r->w.evidence.setup.expect = expect;
	cr_assert_eq(same_node_rules(&r->w.evidence.setup, &pods, &text), 0);
	cr_assert_eq(rules_parse(text.data, text.len, &r->rules, &error), 0);
	cr_assert(hooks_can_judge(r->rules, &r->flow));
	hooks_set_points(r->rules, &r->flow, &setup);
	evidence_table_init(&r->numbers, &setup);
	cr_assert_eq(engine_new(r->rules, &(struct engine_opts){.enough_packets = UINT64_MAX}, &r->engine), 0);
	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++) {
		if (hooks_func(h, 4))
			engine_func(r->engine, hooks_func(h, 4), true);
	}
}

static void read_event(struct readers *r, const struct hook_event *e)
{
	struct tuple tuple;
	struct step step;
	uint64_t pkt;
	bool copy;

	world_add(&r->w, e);
	cr_assert_eq(evidence_table_number(&r->numbers, e, &pkt, &copy), 0);
	if (!hooks_step(&r->flow, e, pkt, &tuple, &step))
		return;
	step.copy = copy;
	engine_step(r->engine, &step);
}

static enum verdict verdict_by_rules(struct readers *r)
{
	_cleanup_(rules_result_clear) struct rules_result result = {0};
	struct engine_account account = {.ledger = {.provable = true}, .end_ns = UINT64_MAX};

	cr_assert_eq(engine_finish(r->engine, &account, &result), 0);
	return result.verdict;
}

#define WAY_MAX 12

struct way {
	struct hook_path_step steps[WAY_MAX + 1];
	uint64_t in_skb[WAY_MAX]; /* 0: the packet's own, otherwise another one, in which a copy is */
	size_t n;
};

static const struct hook_path_step *const all_paths[] = {hook_path_peer, hook_path_redirect, hook_path_host_stack,
							 hook_path_bridge, hook_path_netkit};

static uint32_t state;

static uint32_t roll(uint32_t below)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % below;
}

static void way_insert(struct way *way, size_t at, struct hook_path_step step, uint64_t skb)
{
	if (way->n == WAY_MAX)
		return;
	memmove(way->steps + at + 1, way->steps + at, (way->n - at) * sizeof(*way->steps));
	memmove(way->in_skb + at + 1, way->in_skb + at, (way->n - at) * sizeof(*way->in_skb));
	way->steps[at] = step;
	way->in_skb[at] = skb;
	way->n++;
}

/* A path, mostly with some steps put in, taken out, exchanged, or taken by a copy. */
static void way_make(struct way *way)
{
	static const enum st_hook hooks[] = {ST_HOOK_XMIT,   ST_HOOK_RECEIVE, ST_HOOK_REDIRECT, ST_HOOK_PEER,
					     ST_HOOK_IP_RCV, ST_HOOK_FORWARD, ST_HOOK_BRIDGE,	ST_HOOK_VETH};
	const struct hook_path_step *path = all_paths[roll(ARRAY_SIZE(all_paths))];
	unsigned changes = roll(3) ? roll(3) : 0;

	*way = (struct way){0};
	for (; path[way->n].hook != ST_HOOK_MAX; way->n++)
		way->steps[way->n] = path[way->n];
	for (unsigned i = 0; i < changes; i++) {
		struct hook_path_step extra = {hooks[roll(ARRAY_SIZE(hooks))], roll(4), roll(4)};
		size_t at = roll(way->n + 1);

		switch (roll(4)) {
		case 0:
			way_insert(way, at, extra, 0);
			break;
		case 1:
			way_insert(way, at, extra, 0xffff888100000000);
			break;
		case 2:
			if (at < way->n && way->n > 1) {
				memmove(way->steps + at, way->steps + at + 1, (way->n - at) * sizeof(*way->steps));
				memmove(way->in_skb + at, way->in_skb + at + 1,
					(way->n - at - 1) * sizeof(*way->in_skb));
				way->n--;
			}
			break;
		default:
			if (at + 1 < way->n) {
				struct hook_path_step first = way->steps[at];

				way->steps[at] = way->steps[at + 1];
				way->steps[at + 1] = first;
			}
			break;
		}
	}
}

static bool same_step(const struct hook_path_step *a, const struct hook_path_step *b)
{
	return a->hook == b->hook && a->on == b->on && (a->hook != ST_HOOK_IP_RCV || a->orig == b->orig);
}

/* The truth: the packet itself took the path's steps and no others; what netfilter saw says nothing. */
static bool took_path(const struct way *way, const struct hook_path_step *path)
{
	size_t at = 0;

	for (size_t i = 0; i < way->n; i++) {
		const struct hook_path_step *s = &way->steps[i];

		if (way->in_skb[i] || s->hook == ST_HOOK_NETFILTER)
			continue;
		while (path[at].hook == ST_HOOK_NETFILTER)
			at++;
		if (path[at].hook == ST_HOOK_MAX || !same_step(s, &path[at]))
			return false;
		at++;
	}
	return path[at].hook == ST_HOOK_MAX;
}

/* Whether the packet or a copy was on the device that the path is to skip. */
static bool crossed(const struct way *way)
{
	for (size_t i = 0; i < way->n; i++) {
		if (way->steps[i].on == 2 && way->steps[i].hook != ST_HOOK_REDIRECT &&
		    way->steps[i].hook != ST_HOOK_FORWARD && way->steps[i].hook != ST_HOOK_BRIDGE &&
		    way->steps[i].hook != ST_HOOK_NETFILTER)
			return true;
	}
	return false;
}

static bool is_netkit(const struct way *way)
{
	for (size_t i = 0; i < way->n; i++) {
		if (way->steps[i].hook == ST_HOOK_NETKIT)
			return true;
	}
	return false;
}

/* On veth devices each transmission enters the veth driver. */
static void read_way(struct readers *r, enum direction dir, uint16_t seq, const struct way *way)
{
	for (size_t i = 0; i < way->n; i++) {
		struct hook_event e = echo_at(&r->w, dir, seq, &way->steps[i]);

		if (way->in_skb[i])
			e.skb = way->in_skb[i] + seq;
		read_event(r, &e);
		if (e.hook != ST_HOOK_XMIT || is_netkit(way))
			continue;
		e.hook = ST_HOOK_VETH;
		read_event(r, &e);
	}
}

static void way_text(const struct way *way, char *ret, size_t size)
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < way->n && len < size; i++)
		len += snprintf(ret + len, size - len, " %u@%u/%u%s", (unsigned)way->steps[i].hook, way->steps[i].on,
				way->steps[i].orig, way->in_skb[i] ? "c" : "");
}

Test(same_node_rules, no_way_but_the_expected_one_passes)
{
	unsigned passes = 0, fails = 0;

	for (uint32_t seed = 1; seed <= 4000; seed++) {
		_cleanup_(readers_clear) struct readers r = {0};
		enum verdict by_check, by_rules;
		struct check_result result;
		enum mechanism expect;
		struct way way;
		char text[400];
		bool truth;

		state = seed * 2654435761u;
		expect = MECH_UNKNOWN + 1 + roll(ARRAY_SIZE(all_paths));
		readers_init(&r, expect);
		way_make(&way);
		if (way.in_skb[0]) /* then it is no copy */
			continue;
		way_text(&way, text, sizeof(text));
		for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
			struct way whole = {0};

			for (; all_paths[expect - 1][whole.n].hook != ST_HOOK_MAX; whole.n++)
				whole.steps[whole.n] = all_paths[expect - 1][whole.n];
			read_way(&r, dir, 1, &whole);
		}
		read_way(&r, seed & 1 ? DIRECTION_REQUEST : DIRECTION_REPLY, 2, &way);
		truth = took_path(&way, all_paths[expect - 1]) && (expect != MECH_REDIRECT_PEER || !crossed(&way));
		result = judge(&r.w);
		by_check = result.verdict;
		by_rules = verdict_by_rules(&r);
		cr_expect(truth || by_check != VERDICT_PASS, "seed %u, %s: PASS for%s", seed, mechanism_name(expect),
			  text);
		cr_expect(truth || by_rules != VERDICT_PASS, "seed %u, %s: PASS by the rules for%s", seed,
			  mechanism_name(expect), text);
		cr_expect(by_check != VERDICT_FAIL || !truth, "seed %u, %s: FAIL for%s", seed, mechanism_name(expect),
			  text);
		cr_expect((by_check == VERDICT_PASS) == (by_rules == VERDICT_PASS) || strchr(text, 'c'),
			  "seed %u, %s: %s, by the rules %s for%s", seed, mechanism_name(expect),
			  verdict_name(by_check), verdict_name(by_rules), text);
		passes += by_check == VERDICT_PASS;
		fails += by_check == VERDICT_FAIL;
	}
	cr_expect_gt(passes, 200);
	cr_expect_gt(fails, 200);
}
