/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "check/check.h"
#include "path/drop_causes.h"
#include "render/list/explain.h"
#include "rules/engine.h"

static void end_text(struct out *o)
{
	out_char(o, '\0');
}

Test(explain, a_check_and_a_drop_as_text)
{
	const struct explanation check = {
		.name = "no-traffic",
		.kind = "check",
		.verdict = "INCONCLUSIVE",
		.text = "Each of these words is counted, and a line of eighty columns is broken where the next one "
			"does "
			"not fit.",
	};
	const struct explanation drop = {
		.name = "NO_SOCKET", .kind = "drop", .text = "nobody listens", .funcs = {"a", "b"}, .n_funcs = 2};
	_cleanup_out_ struct out o = {0};

	explanation_text(&o, &check);
	explanation_text(&o, &drop);
	end_text(&o);
	cr_expect_str_eq(o.buf.data, "no-traffic: a check's reason for INCONCLUSIVE\n"
				     "  Each of these words is counted, and a line of eighty columns is broken where\n"
				     "  the next one does not fit.\n"
				     "\n"
				     "NO_SOCKET: a packet was dropped\n"
				     "  nobody listens\n"
				     "  Before 5.17 no reason is given; it is what a drop here means:\n"
				     "  a b\n");
}

Test(explain, a_word_that_fits_no_line_stands_alone)
{
	struct explanation e = {.name = "x", .kind = "drop"};
	_cleanup_out_ struct out o = {0};
	char text[128], want[256];

	memset(text, 'w', 100);
	memcpy(text + 100, " end", 5);
	e.text = text;
	explanation_text(&o, &e);
	end_text(&o);
	snprintf(want, sizeof(want), "x: a packet was dropped\n  %.100s\n  end\n", text);
	cr_expect_str_eq(o.buf.data, want);
}

Test(explain, as_json)
{
	const struct explanation drop = {.name = "TCP_CLOSE", .kind = "drop", .text = "\"closed\""};
	_cleanup_out_ struct out o = {0};

	explanation_json(&o, &drop);
	end_text(&o);
	cr_expect_str_eq(o.buf.data,
			 "{\"type\":\"explanation\",\"v\":1,\"name\":\"TCP_CLOSE\",\"kind\":\"drop\",\"verdict\":null,"
			 "\"text\":\"\\\"closed\\\"\",\"places\":[]}\n");
}

/* Whatever a check or a trace says can be looked up, and says what to do in whole sentences. */
Test(explain, nothing_is_left_unexplained)
{
	char cause[DROP_CAUSE_MAX];
	size_t n = 0;

	for (enum reason_code c = 0; c < REASON_MAX; c++) {
		const char *advice = reason_code_advice(c);

		cr_assert_not_null(advice, "%s", reason_code_name(c));
		cr_expect_eq(advice[strlen(advice) - 1], '.', "%s", reason_code_name(c));
		n += reason_code_fails(c);
	}
	cr_expect_eq(n, 3);
	for (n = 0; drop_reason_at(n); n++) {
		cr_expect(drop_cause(&(struct drop_facts){.reason = drop_reason_at(n)}, cause), "%s",
			  drop_reason_at(n));
		cr_expect_lt(strlen(cause), DROP_CAUSE_MAX - 1, "%s", drop_reason_at(n));
		cr_expect(n == 0 || strcmp(drop_reason_at(n - 1), drop_reason_at(n)) < 0);
	}
	cr_expect_gt(n, 120); /* 7.2 lists 124 */
}

/* A reason of check path is explained under the check's own of that name, or by itself; never twice. */
Test(explain, reasons_of_check_path)
{
	for (enum rules_reason_code p = 0; p < RULES_REASON_MAX; p++) {
		const char *advice = rules_reason_code_advice(p);
		bool shared = false;

		for (enum reason_code c = 0; c < REASON_MAX; c++)
			shared |= strcmp(reason_code_name(c), rules_reason_code_name(p)) == 0;
		cr_expect_eq(shared, !advice, "%s", rules_reason_code_name(p));
		cr_expect(!advice || advice[strlen(advice) - 1] == '.', "%s", rules_reason_code_name(p));
	}
	cr_expect(rules_reason_code_fails(RULES_FORBIDDEN_STEP));
	cr_expect_not(rules_reason_code_fails(RULES_NOT_JUDGED));
}

/* docs/drops/REASON.md, and a line for it in the index. */
Test(explain, pages_of_drops)
{
	_cleanup_buf_ struct buf index = {0};

	cr_assert_eq(buf_read_file(EXAMPLES_DIR "/../docs/drops/README.md", &index), 0);
	for (size_t i = 0; drop_reason_at(i); i++) {
		char page[PATH_MAX], link[PATH_MAX];

		snprintf(page, sizeof(page), EXAMPLES_DIR "/../docs/drops/%s.md", drop_reason_at(i));
		snprintf(link, sizeof(link), "(%s.md)", drop_reason_at(i));
		cr_expect_eq(access(page, R_OK), 0, "%s", page);
		cr_expect_not_null(memmem(index.data, index.len, link, strlen(link)), "%s", link);
	}
}

/* A place counts only where nothing else is needed to tell the reason. */
Test(explain, places_of_a_drop)
{
	cr_expect_str_eq(drop_func_at("NEIGH_FAILED", 0), "arp_error_report");
	cr_expect_str_eq(drop_func_at("NEIGH_FAILED", 1), "ndisc_error_report");
	cr_expect_str_eq(drop_func_at("NEIGH_FAILED", 2), "neigh_invalidate");
	cr_expect_null(drop_func_at("NEIGH_FAILED", 3));
	cr_expect_null(drop_func_at("TC_INGRESS", 0));
	cr_expect_null(drop_func_at("IP_CSUM", 0)); /* one of several at ip_rcv_core */
	for (size_t i = 0; drop_reason_at(i); i++) {
		for (size_t n = 0; drop_func_at(drop_reason_at(i), n); n++) {
			char of_reason[DROP_CAUSE_MAX], of_place[DROP_CAUSE_MAX];

			drop_cause(&(struct drop_facts){.reason = drop_reason_at(i)}, of_reason);
			drop_cause(&(struct drop_facts){.symbol = drop_func_at(drop_reason_at(i), n)}, of_place);
			cr_expect_str_eq(of_reason, of_place);
		}
	}
}
