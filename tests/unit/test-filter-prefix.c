/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "filter/prefix.h"

static const struct {
	const char *typed, *shown;
	uint8_t family, bits;
} good[] = {
	{"10.0.0.67", "10.0.0.67", 4, 32},
	{"10.0.0.67/32", "10.0.0.67", 4, 32},
	{"10.0.0.67/24", "10.0.0.0/24", 4, 24},
	{"10.0.0.67/25", "10.0.0.0/25", 4, 25},
	{"10.0.0.200/25", "10.0.0.128/25", 4, 25},
	{"255.255.255.255/1", "128.0.0.0/1", 4, 1},
	{"1.2.3.4/0", "0.0.0.0/0", 4, 0},
	{"fd00::1/64", "fd00::/64", 6, 64},
	{"fd00::1", "fd00::1", 6, 128},
	{"FD00:0:0:0:0:0:0:0001/128", "fd00::1", 6, 128},
	{"fd00::ffff/113", "fd00::8000/113", 6, 113},
	{"::/0", "::/0", 6, 0},
	{"::ffff:10.0.0.1", "::ffff:10.0.0.1", 6, 128},
};

Test(prefix, good)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct reason reason = {0};
		struct prefix p;
		char text[PREFIX_TEXT_SIZE];

		cr_assert_eq(prefix_parse(good[i].typed, &p, &reason), 0, "%s: %s", good[i].typed, reason.text);
		cr_expect_eq(p.family, good[i].family, "%s", good[i].typed);
		cr_expect_eq(p.bits, good[i].bits, "%s", good[i].typed);
		cr_expect_eq(prefix_format(&p, text), strlen(good[i].shown), "%s", good[i].typed);
		cr_expect_str_eq(text, good[i].shown);
	}
}

static const struct {
	const char *typed, *why;
} bad[] = {
	{"", "bad address"},
	{"10.0.0", "bad address"},
	{"10.0.0.256", "bad address"},
	{"010.0.0.1", "bad address"},
	{" 10.0.0.1", "bad address"},
	{"10.0.0.1 ", "bad address"},
	{"0x0a000001", "bad address"},
	{"pod1", "bad address"},
	{"fd00:::1", "bad address"},
	{"fd00::1::", "bad address"},
	{"[fd00::1]", "bad address"},
	{"/24", "bad address"},
	{"fe80::1%eth0", "zone"},
	{"fe80::1%eth0/64", "zone"},
	{"1111:1111:1111:1111:1111:1111:111.111.111.1111111", "bad address"},
	{"10.0.0.0/", "0 to 32"},
	{"10.0.0.0/33", "0 to 32"},
	{"10.0.0.0/-1", "0 to 32"},
	{"10.0.0.0/+8", "0 to 32"},
	{"10.0.0.0/024", "0 to 32"},
	{"10.0.0.0/0x8", "0 to 32"},
	{"10.0.0.0/24/8", "0 to 32"},
	{"10.0.0.0/24 ", "0 to 32"},
	{"10.0.0.0/255.255.255.0", "0 to 32"},
	{"10.0.0.0/99999999999", "0 to 32"},
	{"fd00::/129", "0 to 128"},
};

Test(prefix, bad)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct prefix p = {.family = 9};
		struct reason reason = {0};

		cr_expect_eq(prefix_parse(bad[i].typed, &p, &reason), -EINVAL, "%s", bad[i].typed);
		cr_expect_not_null(strstr(reason.text, bad[i].why), "%s: %s", bad[i].typed, reason.text);
		cr_expect_eq(p.family, 9, "left alone");
	}
	cr_expect_eq(prefix_parse("x", &(struct prefix){0}, NULL), -EINVAL, "a reason is optional");
}

Test(prefix, masks)
{
	static const uint8_t want[16] = {0xff, 0xff, 0xf0};
	struct prefix p = {.family = 6, .bits = 20};
	uint8_t mask_be[16], all[16];

	prefix_mask(&p, mask_be);
	cr_expect_arr_eq(mask_be, want, 16);
	p.bits = 128;
	memset(all, 0xff, sizeof(all));
	prefix_mask(&p, mask_be);
	cr_expect_arr_eq(mask_be, all, 16);
	p.bits = 0;
	memset(all, 0, sizeof(all));
	prefix_mask(&p, mask_be);
	cr_expect_arr_eq(mask_be, all, 16);
}
