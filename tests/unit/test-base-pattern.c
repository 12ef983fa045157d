/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/pattern.h"

static int matches(const char *pattern, enum pattern_of of, const char *text)
{
	_cleanup_(pattern_freep) struct pattern *p = NULL;
	struct reason why = {0};

	cr_assert_eq(pattern_compile(pattern, of, &p, &why), 0, "%s: %s", pattern, why.text);
	return pattern_matches(p, text);
}

Test(pattern, a_part_or_the_whole)
{
	cr_expect_eq(matches("ip_(rcv|output)$", PATTERN_ANYWHERE, "ip_rcv"), 1);
	cr_expect_eq(matches("ip_(rcv|output)$", PATTERN_ANYWHERE, "__ip_output"), 1);
	cr_expect_eq(matches("ip_(rcv|output)$", PATTERN_ANYWHERE, "ip_rcv_core"), 0);
	cr_expect_eq(matches("ip_(rcv|output)$", PATTERN_ANYWHERE, ""), 0);
	cr_expect_eq(matches("ip_rcv|icmp", PATTERN_WHOLE, "ip_rcv"), 1);
	cr_expect_eq(matches("ip_rcv|icmp", PATTERN_WHOLE, "icmp_rcv"), 0, "alternatives are of the whole");
	cr_expect_eq(matches("ip_rcv|icmp", PATTERN_WHOLE, "__ip_rcv"), 0);
	cr_expect_eq(matches("ip|ip_rcv", PATTERN_WHOLE, "ip_rcv"), 1, "not the first that fits at the beginning");
	cr_expect_eq(matches("(?i)IP_RCV", PATTERN_WHOLE, "ip_rcv"), 1);
	cr_expect_eq(matches("ip_\\w+?\\d", PATTERN_WHOLE, "ip_rcv6"), 1);
	cr_expect_eq(matches("", PATTERN_WHOLE, ""), 1);
	cr_expect_eq(matches("", PATTERN_WHOLE, "x"), 0);
}

Test(pattern, what_is_none_is_refused_with_its_place)
{
	static const char *const none[] = {"a(", "a)(b",	   "[a",     "a{2,1}", "*a",
					   "\\", "(?<a>x)(?<a>y)", "(?P>x)", "(*UTF)x"};

	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		struct pattern *p = NULL;
		struct reason why = {0};

		cr_expect_eq(pattern_compile(none[i], PATTERN_WHOLE, &p, &why), -EINVAL, "%s", none[i]);
		cr_expect(strstr(why.text, "invalid regular expression "), "%s: %s", none[i], why.text);
		cr_expect_null(p);
	}
}

/* glibc's regcomp() took gigabytes, or hours, for these: fuzzers' and kin. */
Test(pattern, nothing_takes_long_to_compile)
{
	static const char *const cases[] = {
		"a+++++++++++++++++++++++++++++++++++",
		"(((a{1,200}){1,200}){1,200}){1,200}",
		"a{99999999999999999999}",
		"^(i*+++++)_",
		"^(((((i*)+)+)+)+)+_",
		"^((i*)+(j*)+(k*)+(l*)+(m*)+)+_",
		"pW.4a.***$3******************+***",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(pattern_freep) struct pattern *p = NULL;
		struct reason why = {0};
		int r = pattern_compile(cases[i], PATTERN_ANYWHERE, &p, &why);

		cr_expect(r == 0 || (r == -EINVAL && why.text[0]), "%s: %d", cases[i], r);
		if (r == 0)
			cr_expect_geq(pattern_matches(p, "iiiiiiiiiiiiiiii_aaaaaaa"), 0, "%s", cases[i]);
	}
}

Test(pattern, too_many_steps_are_no_mismatch)
{
	char longest[PATTERN_BYTES_MAX + 2];
	struct reason why = {0};
	struct pattern *p = NULL;

	cr_expect_eq(matches("^(a+)+[bd]$", PATTERN_ANYWHERE, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"),
		     -E2BIG);
	cr_expect_eq(pattern_why(-E2BIG, &why), -E2BIG);
	cr_expect(strstr(why.text, "too long to match"));
	cr_expect_eq(pattern_why(-ENOMEM, NULL), -ENOMEM);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	cr_expect_eq(pattern_compile(longest, PATTERN_ANYWHERE, &p, &why), -EINVAL);
}
