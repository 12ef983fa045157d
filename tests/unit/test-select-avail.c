/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "select/avail.h"

static int parse(const char *functions, const char *blacklist, struct avail **ret)
{
	return avail_new(functions, functions ? strlen(functions) : 0, blacklist, blacklist ? strlen(blacklist) : 0,
			 ret);
}

Test(avail, names_count_per_module)
{
	_cleanup_avail_ struct avail *a = NULL;

	cr_assert_eq(parse("dup\nip_rcv\ndup\ndup [veth]\nveth_xmit [veth]\nlast", NULL, &a), 0);
	cr_expect(avail_has_list(a));
	cr_expect_not(avail_has_addrs(a));
	cr_expect_eq(avail_count(a), 6);
	cr_expect_eq(avail_names(a, "dup", NULL), 2);
	cr_expect_eq(avail_names(a, "dup", "veth"), 1);
	cr_expect_eq(avail_names(a, "dup", "bridge"), 0);
	cr_expect_eq(avail_names(a, "veth_xmit", NULL), 0);
	cr_expect_eq(avail_names(a, "last", NULL), 1);
	cr_expect_eq(avail_names(a, "ip_rc", NULL), 0);
}

Test(avail, addresses)
{
	_cleanup_avail_ struct avail *a = NULL;

	cr_assert_eq(parse("ffffffff81000204 b\nffffffff81000100 a [m]\n", NULL, &a), 0);
	cr_expect(avail_has_addrs(a));
	cr_expect_eq(avail_names(a, "a", "m"), 1);
	cr_expect(avail_addr(a, 0xffffffff81000100));
	cr_expect(avail_addr(a, 0xffffffff81000200), "the site stands behind endbr64");
	cr_expect_not(avail_addr(a, 0xffffffff81000208));
	cr_expect_not(avail_addr(a, 0xffffffff810000f0), "another function's site");
	cr_expect_not(avail_addr(a, UINT64_MAX));
}

Test(avail, blacklist)
{
	_cleanup_avail_ struct avail *a = NULL;

	cr_assert_eq(parse(NULL, "0xffffffff81000100-0xffffffff81000120\tasm_exc\n0x10-0x20 b\n", &a), 0);
	cr_expect_not(avail_has_list(a));
	cr_expect(avail_blacklisted(a, 0xffffffff81000100));
	cr_expect(avail_blacklisted(a, 0xffffffff8100011f));
	cr_expect_not(avail_blacklisted(a, 0xffffffff81000120));
	cr_expect_not(avail_blacklisted(a, 0xffffffff810000ff));
	cr_expect(avail_blacklisted(a, 0x10));
}

Test(avail, an_empty_list_is_a_list)
{
	_cleanup_avail_ struct avail *a = NULL;

	cr_assert_eq(parse("", "", &a), 0);
	cr_expect(avail_has_list(a));
	cr_expect_eq(avail_count(a), 0);
	cr_expect_eq(avail_names(a, "", NULL), 0);
	cr_expect_not(avail_addr(a, 0));
}

Test(avail, garbage_is_refused)
{
	static const struct {
		const char *functions, *blacklist;
	} cases[] = {
		{"x b\n", NULL},
		{"a [m\n", NULL},
		{"ffffffff81000100 a\nb\n", NULL}, /* one has an address, the other not */
		{"ffffffff81000100 a b\n", NULL},
		{" [m]\n", NULL},
		{NULL, "x\n"},
		{NULL, "0x10\n"},
		{NULL, "0x10-0x20\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct avail *a = (void *)1;

		cr_expect_eq(parse(cases[i].functions, cases[i].blacklist, &a), -EBADMSG, "%zu", i);
		cr_expect_eq(a, (void *)1, "%zu", i);
	}
}
