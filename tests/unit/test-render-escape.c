/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "render/out/escape.h"

static const struct {
	const char *raw, *text, *word;
} cases[] = {
	{"", "", ""},
	{"eth0", "eth0", "eth0"},
	{"Web Content", "Web Content", "Web\\x20Content"},
	{"back\\slash\"quote~", "back\\slash\"quote~", "back\\slash\"quote~"},
	{"\033[31mred", "\\x1b[31mred", "\\x1b[31mred"},
	{"a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f", "a\\x0ab\\x09c\\x7f"},
	{"m\xc3\xbcller", "m\xc3\xbcller", "m\xc3\xbcller"}, /* U+00FC */
	{"\xe2\x82\xac\xf0\x9f\x90\xa7", "\xe2\x82\xac\xf0\x9f\x90\xa7", "\xe2\x82\xac\xf0\x9f\x90\xa7"},
	{"c1\xc2\x9b"
	 "2J",
	 "c1\\xc2\\x9b2J", "c1\\xc2\\x9b2J"},				 /* CSI as a C1 control */
	{"\xe2\x80\xaetxt", "\\xe2\\x80\\xaetxt", "\\xe2\\x80\\xaetxt"}, /* U+202E */
	{"\xe2\x81\xa6\xef\xbb\xbf\xd8\x9c", "\\xe2\\x81\\xa6\\xef\\xbb\\xbf\\xd8\\x9c",
	 "\\xe2\\x81\\xa6\\xef\\xbb\\xbf\\xd8\\x9c"}, /* U+2066, U+FEFF, U+061C */
	{"\xe2\x80\xa8\xe2\x80\x8f", "\\xe2\\x80\\xa8\\xe2\\x80\\x8f", "\\xe2\\x80\\xa8\\xe2\\x80\\x8f"},
	{"\xff\xc3(", "\\xff\\xc3(", "\\xff\\xc3("}, /* no lead byte; a lead byte alone */
	{"\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf"},    /* overlong slash */
	{"\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf"},
	{"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf", "\\xf0\\x8f\\xbf\\xbf"},
	{"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"},		      /* a surrogate */
	{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
	{"cut\xe2\x82", "cut\\xe2\\x82", "cut\\xe2\\x82"},
};

static void expect(struct out *o, const char *want)
{
	cr_expect(o->buf.len == strlen(want) && memcmp(o->buf.data, want, o->buf.len) == 0, "'%.*s' for '%s'",
		  (int)o->buf.len, o->buf.data, want);
	out_clear(o);
}

Test(escape, table)
{
	_cleanup_out_ struct out o = {0};

	out_room(&o, 1); /* so that there is a buffer to compare with nothing */
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		out_escaped(&o, cases[i].raw);
		expect(&o, cases[i].text);
		out_escaped_word(&o, cases[i].raw);
		expect(&o, cases[i].word);
	}
}

Test(escape, sized_input_keeps_nul_and_stops_at_the_end)
{
	_cleanup_out_ struct out o = {0};

	out_escaped_mem(&o, "a\0b\xe2\x82\xac", 5);
	expect(&o, "a\\x00b\\xe2\\x82");
}

Test(escape, whatever_comes_in_nothing_unsafe_goes_out)
{
	_cleanup_out_ struct out o = {0};
	uint32_t state = 1, cp;

	for (int round = 0; round < 2000; round++) {
		char raw[24];

		for (size_t i = 0; i < sizeof(raw); i++) {
			state = state * 1664525u + 1013904223u;
			raw[i] = (char)(state >> 24);
		}
		out_escaped_mem(&o, raw, sizeof(raw));
		for (size_t i = 0; i < o.buf.len;) {
			size_t len = utf8_next(o.buf.data + i, o.buf.len - i, &cp);

			cr_assert_neq(len, 0);
			cr_assert_not(codepoint_is_unsafe(cp));
			i += len;
		}
		out_clear(&o);
	}
}

Test(escape, reading_one_code_point)
{
	uint32_t cp = 0x55555555;

	cr_expect(codepoint_is_unsafe(0x7f) && !codepoint_is_unsafe(0x7e) && !codepoint_is_unsafe(0x10ffff));
	cr_expect_eq(utf8_next("", 0, &cp), 0);
	cr_expect_eq(utf8_next("\x80", 1, &cp), 0);
	cr_expect_eq(cp, 0x55555555u, "left alone on failure");
	cr_expect_eq(utf8_next("\xf0\x9f\x90\xa7", 4, &cp), 4);
	cr_expect_eq(cp, 0x1f427u);
	cr_expect_eq(utf8_next("\xdf\xbf", 2, &cp), 2);
	cr_expect_eq(cp, 0x7ffu);
}
