/* SPDX-License-Identifier: GPL-2.0-only */
/* The report of check path: each rule with its verdict, and names that steer nothing. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/check/rules.h"
#include "rules/rules_parse.h"

static const char file[] = "packet way 10.0.0.133 -> 10.0.0.67 icmp\n"
			   "  expect ip_rcv on iface eth0\n"
			   "  forbid ip_forward\n"
			   "  count ip_rcv == 1\n";

struct told {
	struct rules *rules;
	struct rules_result result;
	struct out text, json;
};

/* A packet that passes the functions, on a device of that name. */
static void tell(struct told *t, const char *const *funcs, size_t n, const char *ifname, uint64_t lost)
{
	struct tuple tuple = {.family = 4, .src = {10, 0, 0, 133}, .dst = {10, 0, 0, 67}, .has_l4 = true, .l4 = 1};
	struct engine_account account = {.ledger = {.provable = true, .lost_ring = lost, .events = n},
					 .end_ns = 1 << 30};
	struct rules_view view = {.file = "a\033.rules"};
	struct rules_error error;
	struct engine *e = NULL;

	cr_assert_eq(rules_parse(file, strlen(file), &t->rules, &error), 0, "%s", error.reason.text);
	cr_assert_eq(engine_new(t->rules, &(struct engine_opts){.max_packets = 4}, &e), 0);
	engine_func(e, "ip_rcv", true);
	engine_func(e, "ip_forward", true);
	for (size_t i = 0; i < n; i++)
		engine_step(e, &(struct step){.ts_ns = 1000 * (i + 1),
					      .pkt = 1,
					      .func = funcs[i],
					      .ifname = ifname,
					      .tuple = &tuple,
					      .has_netns = true,
					      .has_dev = true,
					      .netns = 5,
					      .ifindex = 2});
	cr_assert_eq(engine_finish(e, &account, &t->result), 0);
	engine_free(e);
	view.result = &t->result;
	rules_text(&view, &t->text);
	rules_json(&view, &t->json);
	out_char(&t->text, '\0');
	out_char(&t->json, '\0');
}

static void forget(struct told *t)
{
	rules_result_clear(&t->result);
	rules_free(t->rules);
	out_free(&t->text);
	out_free(&t->json);
}

Test(render_rules, kept)
{
	static const char *const funcs[] = {"dev_hard_start_xmit", "ip_rcv"};
	struct told t = {0};

	tell(&t, funcs, 2, "eth0", 0);
	cr_expect_eq(strncmp(t.text.buf.data, "PASS\n", 5), 0, "%s", t.text.buf.data);
	cr_expect(strstr(t.json.buf.data, "\"verdict\":\"PASS\""), "%s", t.json.buf.data);
	cr_expect(strstr(t.text.buf.data, "a\\x1b.rules"), "%s", t.text.buf.data);
	cr_expect_null(strchr(t.text.buf.data, '\033'));
	forget(&t);
}

Test(render_rules, broken)
{
	static const char *const funcs[] = {"dev_hard_start_xmit", "ip_forward", "ip_rcv"};
	struct told t = {0};

	tell(&t, funcs, 3, "eth0", 0);
	cr_expect_eq(strncmp(t.text.buf.data, "FAIL\n", 5), 0, "%s", t.text.buf.data);
	cr_expect(strstr(t.text.buf.data, "ip_forward"), "%s", t.text.buf.data);
	cr_expect(strstr(t.json.buf.data, "\"verdict\":\"FAIL\""), "%s", t.json.buf.data);
	forget(&t);
}

Test(render_rules, lost)
{
	static const char *const funcs[] = {"ip_rcv"};
	struct told t = {0};

	tell(&t, funcs, 1, "eth0", 3);
	cr_expect_eq(strncmp(t.text.buf.data, "INCONCLUSIVE\n", 13), 0, "%s", t.text.buf.data);
	cr_expect(strstr(t.json.buf.data, "\"ring\":3"), "%s", t.json.buf.data);
	forget(&t);
}

Test(render_rules, nothing_steers_a_terminal)
{
	static const char *const funcs[] = {"ip_rcv"};
	struct told t = {0};

	tell(&t, funcs, 1, "e\033[2J\xe2\x80\xae", 0);
	cr_expect_null(strchr(t.text.buf.data, '\033'));
	cr_expect_null(strstr(t.text.buf.data, "\xe2\x80\xae"));
	cr_expect_null(strstr(t.json.buf.data, "\xe2\x80\xae"));
	forget(&t);
}

/* Names of rule files that would change what a reader of TAP or XML concludes, and TAP's way to write them. */
static const struct {
	const char *file, *tap;
} nasty[] = {
	{"a # TODO.rules", "a \\# TODO.rules"},
	{"a # SKIP no traffic", "a \\# SKIP no traffic"},
	{"a\\# todo", "a\\\\\\# todo"},
	{"a\\", "a\\\\"},
	{"#", "\\#"},
	{"a\nok 1 - b", "a\\\\x0aok 1 - b"},
	{"a\r\n1..0 # SKIP", "a\\\\x0d\\\\x0a1..0 \\# SKIP"},
	{"a\x1b[2J", "a\\\\x1b[2J"},
	{"a\xe2\x80\xa8ok 2", "a\\\\xe2\\\\x80\\\\xa8ok 2"},
	{"<a&\"'>]]>", "<a&\"'>]]>"},
	{"Bail out!", "Bail out!"},
};

static void render(const char *name, enum verdict verdict, void (*put)(const struct rules_view *v, struct out *o),
		   struct out *ret)
{
	struct rules none = {0};
	struct rules_result result = {.rules = &none, .verdict = verdict, .n_reasons = verdict != VERDICT_PASS};
	struct rules_view view = {.result = &result, .file = name};

	snprintf(result.reasons[0].text, sizeof(result.reasons[0].text), "%s", "x\nok 1 - # TODO");
	put(&view, ret);
	out_char(ret, '\0');
}

Test(render_rules, tap_is_escaped)
{
	for (size_t i = 0; i < ARRAY_SIZE(nasty); i++) {
		_cleanup_out_ struct out o = {0};
		char want[256];

		render(nasty[i].file, VERDICT_FAIL, rules_tap, &o);
		snprintf(want, sizeof(want),
			 "TAP version 13\n1..1\nnot ok 1 - path %s FAIL\n# forbidden-step: x\\x0aok 1 - # TODO\n",
			 nasty[i].tap);
		cr_expect_str_eq(o.buf.data, want);
	}
}

/* What a reader by the specification says of each: one test, which failed, or passed, without a directive. */
static const char reader[] =
	"perl -MTAP::Parser -e 'my $p = TAP::Parser->new({tap => join q(), <STDIN>}); my ($t) = grep { $_->is_test } "
	"my @all = do { my @l; while (my $r = $p->next) { push @l, $r } @l }; "
	"exit !($t && $p->tests_run == 1 && !$t->has_directive && !$p->parse_errors && !!$t->is_ok == $ARGV[0])' ";

Test(render_rules, tap_readers_agree)
{
	if (system("perl -MTAP::Parser -e 1 2>/dev/null") !=
	    0) /* it is perl's own, which Debian puts into perl-modules */
		return;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(nasty); i++) {
		_cleanup_out_ struct out o = {0};
		char command[1024];
		FILE *f;

		render(nasty[i / 2].file, i % 2 ? VERDICT_PASS : VERDICT_INCONCLUSIVE, rules_tap, &o);
		snprintf(command, sizeof(command), "%s %zu", reader, i % 2);
		f = popen(command, "we"); /* NOLINT(cert-env33-c): a fixed command */
		cr_assert_not_null(f);
		fputs(o.buf.data, f);
		cr_expect_eq(pclose(f), 0, "%s", o.buf.data);
	}
}

/* The name in one attribute, and nothing else of it. */
static const struct ci_property properties[] = {{"kernel", "6.12.1"}, {"command", "skbtrail check <x>"}};

static void junit(const struct rules_view *v, struct out *o)
{
	rules_junit(v, properties, ARRAY_SIZE(properties), o);
}

Test(render_rules, junit_is_escaped)
{
	_cleanup_out_ struct out o = {0};

	render("<a&\"'>\n</testcase>]]>\x01", VERDICT_FAIL, junit, &o);
	cr_expect(strstr(o.buf.data, "name=\"path &lt;a&amp;&quot;"), "%s", o.buf.data);
	cr_expect(strstr(strstr(o.buf.data, "</testcase>"), "\n</testsuite>"), "%s", o.buf.data);
	cr_expect_null(strchr(o.buf.data, '\x01'));
}
