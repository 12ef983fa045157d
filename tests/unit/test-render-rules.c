/* SPDX-License-Identifier: GPL-2.0-only */
/* The report of check path: each rule with its verdict, and names that steer nothing. */
#include <criterion/criterion.h>
#include <string.h>

#include "render/rules.h"
#include "rules/parse.h"

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
