/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>

#include "base/parse.h"

Test(parse, u64)
{
	static const struct {
		const char *s;
		uint64_t max;
		int r;
		uint64_t v;
	} cases[] = {
		{"0", 10, 0, 0},
		{"10", 10, 0, 10},
		{"11", 10, -ERANGE, 0},
		{"0x1F", 255, 0, 31},
		{"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
		{"18446744073709551616", UINT64_MAX, -ERANGE, 0},
		{"", 10, -EINVAL, 0},
		{"-1", 10, -EINVAL, 0},
		{"+1", 10, -EINVAL, 0},
		{" 1", 10, -EINVAL, 0},
		{"1 ", 10, -EINVAL, 0},
		{"0x", 10, -EINVAL, 0},
		{"0x-1", 10, -EINVAL, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t v = 77;
		int r = parse_u64(cases[i].s, cases[i].max, &v);

		cr_expect_eq(r, cases[i].r, "'%s': %d", cases[i].s, r);
		cr_expect_eq(v, r ? 77 : cases[i].v, "'%s': value", cases[i].s);
	}
}

Test(parse, duration)
{
	static const struct {
		const char *s;
		int r;
		uint64_t ns;
	} cases[] = {
		{"10", 0, 10000000000}, {"0.5", 0, 500000000}, {"250ms", 0, 250000000}, {"2m", 0, 120000000000},
		{"3s", 0, 3000000000},	{"", -EINVAL, 0},      {"-1", -EINVAL, 0},	{"nan", -EINVAL, 0},
		{"1h", -EINVAL, 0},	{"1e3", -EINVAL, 0},   {"0x10", -EINVAL, 0},	{"99999999999999", -ERANGE, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ns = 0;
		int r = parse_duration_ns(cases[i].s, &ns);

		cr_expect_eq(r, cases[i].r, "'%s': %d", cases[i].s, r);
		cr_expect_eq(ns, cases[i].ns, "'%s': %lu", cases[i].s, (unsigned long)ns);
	}
}

Test(parse, bytes)
{
	uint64_t v = 0;

	cr_expect_eq(parse_bytes("4096", &v), 0);
	cr_expect_eq(v, 4096);
	cr_expect_eq(parse_bytes("16M", &v), 0);
	cr_expect_eq(v, 16 << 20);
	cr_expect_eq(parse_bytes("1T", &v), -EINVAL);
	cr_expect_eq(parse_bytes("M", &v), -EINVAL);
	cr_expect_eq(parse_bytes("", &v), -EINVAL);
	cr_expect_eq(parse_bytes("99999999999G", &v), -ERANGE);
}
