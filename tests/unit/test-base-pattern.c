/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "base/cleanup.h"
#include "base/pattern.h"

Test(pattern, what_would_take_gigabytes_is_refused)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{"ip_.+|tcp_.+|udp_.+|icmp_.+", 0},
		{"__x64_sys_(send|recv)msg", 0},
		{"a\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+", 0}, /* plain ones */
		{"(a{1,99}){2}", 0},
		{"a+++++++++++++++++++++++++++++++++++", REG_ESPACE}, /* a fuzzer's */
		{"(((a{1,200}){1,200}){1,200}){1,200}", REG_ESPACE},
		{"a{99999999999999999999}", REG_ESPACE},
		{"^(i*+++++)_", REG_ESPACE}, /* a fuzzer's: 8 s, and with one + more nobody knows */
		{"^(((((i*)+)+)+)+)+_", REG_ESPACE},
		{"^((i*)+(j*)+(k*)+(l*)+(m*)+)+_", REG_ESPACE},
		{"^((ip|tcp)+_(rcv|send)+|(udp)+_.+|[+)(]+x{1,3})$", 0},
		{"^((ab)+_)+$", REG_ESPACE}, /* as cheap as it looks, but so look the others */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		regex_t re;
		int r = pattern_compile(cases[i].text, &re);

		cr_expect_eq(r, cases[i].r, "%s: %d", cases[i].text, r);
		if (r == 0)
			regfree(&re);
	}
}

Test(pattern, a_match_is_looked_for_anywhere)
{
	regex_t re;

	cr_assert_eq(pattern_compile("ip_(rcv|output)$", &re), 0);
	cr_expect_eq(pattern_matches(&re, "ip_rcv"), 1);
	cr_expect_eq(pattern_matches(&re, "__ip_output"), 1);
	cr_expect_eq(pattern_matches(&re, "ip_rcv_core"), 0);
	cr_expect_eq(pattern_matches(&re, ""), 0);
	regfree(&re);
}
