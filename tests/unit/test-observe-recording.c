/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Both checks of recordings, from the file to the verdict, on recordings that hide something: filters, functions that
 * were not attached, sampling, losses, a file that was cut off. The same packets are recorded whole, too, and no
 * verdict on what is left of them may contradict that one.
 */
#include <stdio.h>
#include <unistd.h>

#include "check/same_node.h"
#include "made_recordings.h"
#include "observe/observe.h"
#include "observe/rules_observe.h"
#include "rules/rules_parse.h"

static char path[] = "/tmp/skbtrail-test-XXXXXX";

static void make_file(void)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
}

static void remove_file(void)
{
	unlink(path);
}

TestSuite(observe_recording, .init = make_file, .fini = remove_file);

static void store(const struct buf *bytes)
{
	_cleanup_(fclosep) FILE *f = fopen(path, "we");

	cr_assert_not_null(f);
	cr_assert_eq(fwrite(bytes->data, 1, bytes->len, f), bytes->len);
}

/* -1: the recording was refused. */
static int same_node(char reasons[static 1024])
{
	struct check_options o = {.src = "10.0.0.133",
				  .dst = "10.0.0.67",
				  .l4 = IPPROTO_ICMP,
				  .expect = MECH_REDIRECT_PEER,
				  .read = path};
	_cleanup_(observation_clear) struct observation obs = {0};
	struct check_result result;
	struct reason reason = {0};
	size_t n = 0;

	if (observe_recording(&o, &obs, &reason) < 0)
		return -1;
	same_node_judge(&obs.evidence, &obs.account, &result);
	recorded_judge(&obs.flow, &obs.recording->recording.making, &obs.recorded, &result);
	reasons[0] = '\0';
	for (size_t i = 0; i < result.n_reasons; i++)
		n += (size_t)snprintf(reasons + n, n < 1024 ? 1024 - n : 0, "%s: %.90s; ",
				      reason_code_name(result.reasons[i].code), result.reasons[i].text);
	return result.verdict;
}

static const char *const rule_files[] = {
	"packet 10.0.0.133 -> 10.0.0.67 icmp\n forbid * on iface lxc2",
	"packet 10.0.0.133 -> 10.0.0.67 icmp\n expect ip_rcv\n forbid dev_hard_start_xmit on iface lxc2",
	"packet 10.0.0.67 -> 10.0.0.133 icmp\n forbid * on iface lxc1",
	"packet 10.0.0.133 -> 10.0.0.67 icmp\n forbid ip_forward",
	"packet 10.0.0.133 -> 10.0.0.67 icmp\n forbid ip_mc_output",
	"packet 10.0.0.133 -> any\n forbid __netif_receive_skb* on netns pod2",
	"packet 10.0.0.133 -> 10.0.0.67 icmp\n expect dev_hard_start_xmit on iface eth0\n expect skb_do_redirect",
	"packet 10.0.0.133 -> 10.0.0.67 icmp\n count ip_rcv == 1",
	"packet 10.0.0.133 -> 10.0.0.67 icmp\n count veth_xmit >= 2",
	"flow 10.0.0.133 <-> 10.0.0.67 icmp\n count __br_forward == 0",
	"flow 10.0.0.133 <-> 10.0.0.67\n expect skb_do_redirect\n forbid * on netns host iface lxc*",
	"packet\n forbid kfree_skb",
};

static int by_rules_of(const char *file, const char *text, char reasons[static 1024])
{
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	_cleanup_(rules_result_clear) struct rules_result result = {0};
	_cleanup_(rules_freep) struct rules *rules = NULL;
	struct check_path_options o = {.rules = "rules", .read = file, .packets = 1};
	struct rules_run run = {.o = &o};
	struct rules_error error;
	struct reason reason = {0};
	size_t n = 0;

	cr_assert_eq(rules_parse(text, strlen(text), &rules, &error), 0, "%s: %s", text, error.reason.text);
	run.rules = rules;
	if (rules_by_recording(&run, &result, &reader, &reason) < 0)
		return -1;
	reasons[0] = '\0';
	for (size_t i = 0; i < result.n_reasons; i++)
		n += (size_t)snprintf(reasons + n, n < 1024 ? 1024 - n : 0, "%s: %.90s; ",
				      rules_reason_code_name(result.reasons[i].code), result.reasons[i].text);
	return result.verdict;
}

static int by_rules(const char *text, char reasons[static 1024])
{
	return by_rules_of(path, text, reasons);
}

/* The reply's original is freed behind the copy that the raw socket took: that is no drop. */
Test(observe_recording, a_drop_is_a_loss)
{
	static const char reply[] = "packet 10.0.0.67 -> 10.0.0.133 icmp\n forbid kfree_skb drop *",
			  request[] = "packet 10.0.0.133 -> 10.0.0.67 icmp\n forbid kfree_skb drop *";
	char reasons[1024];

	cr_expect_neq(by_rules_of(GOLDEN_DIR "/../../examples/redirect-peer.skbt", reply, reasons), VERDICT_FAIL, "%s",
		      reasons);
	cr_expect_eq(by_rules_of(GOLDEN_DIR "/../../examples/policy-drop.skbt", request, reasons), VERDICT_FAIL, "%s",
		     reasons);
}

static void describe(const struct traffic *t, const struct making *m, char ret[static 1024])
{
	size_t n = (size_t)snprintf(ret, 1024, "%zu events%s%s%s%s lose %u limit %u cut %zu%s:", t->n,
				    t->tapped ? " tapped" : "", m->tracks ? " tracks" : "", m->untold ? " untold" : "",
				    m->nameless ? " nameless" : "", m->lose_of_100, m->limit_of_100, m->cut,
				    m->unprovable ? " unprovable" : "");

	for (size_t i = 0; i < m->n_options; i++)
		n += (size_t)snprintf(ret + n, 1024 - n, " %s=%s", m->options[i].name,
				      m->options[i].value ? m->options[i].value : "");
	for (size_t i = 0; i < ARRAY_SIZE(universe); i++) {
		if (!m->attached[i] || m->refused[i])
			n += (size_t)snprintf(ret + n, n < 1024 ? 1024 - n : 0, " -%s", universe[i]);
	}
}

/* What the whole recording says is true, and what is left of it may only say the same, or nothing. */
static void expect_no_contradiction(int whole, int part, const char *what, const char *reasons, const struct traffic *t,
				    const struct making *m, uint64_t round)
{
	char text[1024];

	if (part == whole || part == VERDICT_INCONCLUSIVE || part == -1)
		return;
	describe(t, m, text);
	cr_expect_fail("round %llu, %s: whole %s, recorded %s (%s) with %s", (unsigned long long)round, what,
		       verdict_name((enum verdict)whole), verdict_name((enum verdict)part), reasons, text);
}

Test(observe_recording, no_restriction_makes_a_verdict)
{
	const char *more = getenv("ROUNDS");
	uint64_t rounds = more ? strtoull(more, NULL, 10) : 150;
	unsigned n_whole[3] = {0}, n_part[3] = {0};

	for (uint64_t round = 1; round <= rounds; round++) {
		_cleanup_buf_ struct buf all = {0}, left = {0};
		int whole_same_node, whole_rules[ARRAY_SIZE(rule_files)], v;
		struct making complete, m;
		struct traffic t;
		char reasons[1024];

		seed = round * UINT64_C(0x9e3779b97f4a7c15);
		draw_traffic(&t);
		whole(&complete);
		record(&t, &complete, &all);
		store(&all);
		whole_same_node = same_node(reasons);
		cr_expect_eq(whole_same_node,
			     t.tapped ? VERDICT_INCONCLUSIVE
			     : t.peer ? VERDICT_PASS
				      : whole_same_node,
			     "round %llu: %s", (unsigned long long)round, reasons);
		cr_expect(t.peer || whole_same_node != VERDICT_PASS, "round %llu", (unsigned long long)round);
		for (size_t i = 0; i < ARRAY_SIZE(rule_files); i++)
			n_whole[whole_rules[i] = by_rules(rule_files[i], reasons)]++;
		draw_making(&m);
		record(&t, &m, &left);
		store(&left);
		v = same_node(reasons);
		/* what copies packets hides how they went, as long as it is seen itself */
		if (v != VERDICT_FAIL || !t.another)
			expect_no_contradiction(whole_same_node, v, "same-node", reasons, &t, &m, round);
		for (size_t i = 0; i < ARRAY_SIZE(rule_files); i++) {
			v = by_rules(rule_files[i], reasons);
			expect_no_contradiction(whole_rules[i], v, rule_files[i], reasons, &t, &m, round);
			if (v >= 0)
				n_part[v]++;
		}
	}
	/* it is not by saying nothing that nothing is contradicted */
	printf("whole: %u PASS, %u FAIL; restricted: %u PASS, %u FAIL\n", n_whole[VERDICT_PASS], n_whole[VERDICT_FAIL],
	       n_part[VERDICT_PASS], n_part[VERDICT_FAIL]);
	cr_expect_gt(n_part[VERDICT_PASS], n_whole[VERDICT_PASS] / 10);
	cr_expect_gt(n_part[VERDICT_FAIL], n_whole[VERDICT_FAIL] / 10);
}
