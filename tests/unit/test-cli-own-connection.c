/* SPDX-License-Identifier: GPL-2.0-only */
/* The connection that carries the output of a trace. */
#include <criterion/criterion.h>

#include "base/cleanup.h"
#include "cli/own_connection.h"
#include "filter/expr.h"

/* As text, NULL: there is none. */
static const char *expr_of(const char *ssh)
{
	static struct buf text;
	int r;

	text.len = 0;
	r = own_connection_expr(ssh, &text);
	cr_assert_geq(r, 0);
	cr_assert_eq(r > 0, text.len > 0);
	cr_assert_eq(buf_append(&text, "", 1), 0);
	return r ? text.data : NULL;
}

Test(own_connection, both_families)
{
	static const char *const known[][2] = {
		{"10.0.0.1 50022 10.0.0.2 22",
		 "not (tcp and host 10.0.0.1 and host 10.0.0.2 and port 50022 and port 22)"},
		{"fe80::1%eth0 50022 fe80::2%eth0 22",
		 "not (tcp and host fe80::1 and host fe80::2 and port 50022 and port 22)"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		_cleanup_(expr_free) struct expr expr = {0};
		struct reason reason = {0};

		cr_expect_str_eq(expr_of(known[i][0]), known[i][1]);
		cr_expect_eq(expr_compile(known[i][1], &expr, &reason), 0, "%s", reason.text);
	}
}

Test(own_connection, other_text_is_none)
{
	static const char *const other[] = {
		NULL,
		"",
		"10.0.0.1",
		"10.0.0.1 50022",
		"10.0.0.1 50022 10.0.0.2",
		"10.0.0.1 50022 10.0.0.2 0",
		"10.0.0.1 x 10.0.0.2 22",
		"10.0.0.1 50022 10.0.0.2 65536",
		"host 1 10.0.0.2 22",
		"10.0.0.1) 50022 10.0.0.2 22",
		"UNKNOWN 65535 UNKNOWN 65535",
	};

	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		cr_expect_null(expr_of(other[i]), "%s", other[i]);
}
