/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "kallsyms/ksyms.h"

static const char sample[] = "0000000000000000 A fixed_percpu_data\n"
			     "ffffffff81000000 T _stext\n"
			     "ffffffff81000000 T _text\n"
			     "ffffffff81000100 t foo\n"
			     "ffffffff81000200 t foo.constprop.0\n"
			     "ffffffff81000300 t foo.constprop.0.cold\n"
			     "ffffffff81000400 t food\n"
			     "ffffffff81000500 t dup\n"
			     "ffffffff81000600 W weak\n"
			     "ffffffff81000600 t local_alias\n"
			     "ffffffff81000600 T a_global\n"
			     "ffffffff81000700 D data\n"
			     "ffffffff81000780 t .L_odd\n"
			     "ffffffff81000800 t dup\n"
			     "ffffffffc0002000 t dup\t[veth]\n"
			     "ffffffffc0001000 t veth_xmit\t[veth]\n"
			     "ffffffffc0000000 t br_forward\t[bridge]\n"
			     "ffffffffc0002100 t late\t[veth]\n"
			     "ffffffffc0003000 t bpf_prog_6deef7357e7b4530\t[bpf]\n";

static struct ksyms *parsed(const char *text)
{
	struct reason reason = {0};
	struct ksyms *ks = NULL;

	cr_assert_eq(ksyms_new(text, strlen(text), &ks, &reason), 0, "%s", reason.text);
	return ks;
}

Test(ksyms, sorted_without_absolute_symbols)
{
	_cleanup_ksyms_ struct ksyms *ks = parsed(sample);

	cr_assert_eq(ksyms_count(ks), 18);
	for (size_t i = 1; i < ksyms_count(ks); i++)
		cr_expect_leq(ksyms_at(ks, i - 1).addr, ksyms_at(ks, i).addr);
}

static void expect_found(const struct ksyms *ks)
{
	static const struct {
		uint64_t addr;
		const char *name; /* NULL: not found */
		const char *module;
		uint64_t off;
	} cases[] = {
		{0xffffffff80ffffff, NULL, NULL, 0},
		{0xffffffff81000000, "_stext", NULL, 0},
		{0xffffffff810000ff, "_stext", NULL, 0xff},
		{0xffffffff81000100, "foo", NULL, 0},
		{0xffffffff810001ff, "foo", NULL, 0xff},
		{0xffffffff81000200, "foo.constprop.0", NULL, 0},
		{0xffffffff81000600, "a_global", NULL, 0},
		{0xffffffff810006ff, "a_global", NULL, 0xff},
		{0xffffffff81000700, NULL, NULL, 0},
		{0xffffffff81000710, NULL, NULL, 0},
		{0xffffffffc0000008, "br_forward", "bridge", 8},
		{0xffffffffc0001005, "veth_xmit", "veth", 5},
		{0xffffffffc0002100, "late", "veth", 0},
		{0xffffffffc0003001, "bpf_prog_6deef7357e7b4530", "bpf", 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ksym sym = {0};
		uint64_t off = 0;
		int r = ksyms_find(ks, cases[i].addr, &sym, &off);

		cr_expect_eq(r, cases[i].name ? 0 : -ENOENT, "%zu: %d", i, r);
		if (!cases[i].name || r < 0)
			continue;
		cr_expect_str_eq(sym.name, cases[i].name);
		cr_expect_str_eq(sym.module ? sym.module : "", cases[i].module ? cases[i].module : "");
		cr_expect_eq(off, cases[i].off, "%zu: offset %lu", i, off);
	}
}

Test(ksyms, find)
{
	_cleanup_ksyms_ struct ksyms *ks = parsed(sample);

	expect_found(ks);
}

Test(ksyms, shrunk_it_finds_the_same_addresses_and_no_names)
{
	_cleanup_ksyms_ struct ksyms *ks = parsed(sample);
	struct ksyms_iter named, variants;
	struct ksym sym;

	ksyms_shrink(ks);
	cr_expect_eq(ksyms_count(ks), 15, "%zu", ksyms_count(ks)); /* 18 without three aliases */
	expect_found(ks);
	named = ksyms_named(ks, "foo");
	variants = ksyms_variants(ks, "foo");
	cr_expect_not(ksyms_next(&named, &sym));
	cr_expect_not(ksyms_next(&variants, &sym));
	ksyms_shrink(ks);
	expect_found(ks);
}

static void expect_walk(struct ksyms_iter it, const uint64_t *want, size_t n)
{
	struct ksym sym;
	size_t i = 0;

	for (; ksyms_next(&it, &sym); i++) {
		cr_assert_lt(i, n, "too many of %s", it.name);
		cr_expect_eq(sym.addr, want[i], "%s: %lx", it.name, sym.addr);
	}
	cr_expect_eq(i, n, "%s: %zu", it.name, i);
}

/* Where text ends is kept, and nothing more of data: not in vmlinux, whose symbols are in order. */
Test(ksyms, data_is_kept_where_text_ends)
{
	_cleanup_ksyms_ struct ksyms *ks = parsed("ffffffff81000100 t foo\n"
						  "ffffffff81000200 d end\n"
						  "ffffffff81000300 d more\n"
						  "ffffffff81000400 d most\n"
						  "ffffffff81000500 t last\n"
						  "ffffffff81000600 b end_of_last\n"
						  "ffffffffc0000300 d of_module\t[veth]\n"
						  "ffffffffc0000100 d earlier\t[veth]\n"
						  "ffffffffc0000200 t init_module\t[veth]\n");

	cr_expect_eq(ksyms_count(ks), 7, "%zu", ksyms_count(ks));
	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffff81000100), 0x100);
	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffff81000500), 0x100);
	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffffc0000200), 0x100);
	for (size_t i = 0; i < ksyms_count(ks); i++)
		cr_expect(ksym_is_text(ksyms_at(ks, i).type) || !*ksyms_at(ks, i).name);
}

/* As no kernel prints it, but nothing must depend on that. */
Test(ksyms, symbols_out_of_order)
{
	_cleanup_ksyms_ struct ksyms *ks = parsed("ffffffff81000500 d z\n"
						  "ffffffff81000300 d y\n"
						  "ffffffff81000400 t last\n"
						  "ffffffff81000600 d x\n"
						  "ffffffff81000100 t foo\n"
						  "ffffffff80000000 t below\t[veth]\n");

	expect_walk(ksyms_named(ks, "below"), (uint64_t[]){0xffffffff80000000}, 1);
	expect_walk(ksyms_named(ks, "foo"), (uint64_t[]){0xffffffff81000100}, 1);
	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffff80000000), 0x1000100);
	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffff81000100), 0x200);
	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffff81000400), 0x100);
}

Test(ksyms, shrunk_text_ends_where_it_did)
{
	/* an alias of another kind must not hide where text ends, nor data be looked at twice */
	_cleanup_ksyms_ struct ksyms *ks = parsed("ffffffff81000100 t foo\n"
						  "ffffffff81000100 d foo_data\n"
						  "ffffffff81000200 d end\n"
						  "ffffffff81000300 d more\n"
						  "ffffffff810003f0 t __pfx_last\n"
						  "ffffffff81000400 t last\n");
	struct ksym sym;
	uint64_t off;

	ksyms_shrink(ks);
	cr_expect_eq(ksyms_count(ks), 3, "%zu", ksyms_count(ks));
	cr_expect_eq(ksyms_find(ks, 0xffffffff810001ff, &sym, &off), 0);
	cr_expect_eq(ksyms_find(ks, 0xffffffff81000200, &sym, &off), -ENOENT);
	cr_expect_eq(ksyms_find(ks, 0xffffffff81000310, &sym, &off), -ENOENT);
	cr_expect_eq(ksyms_find(ks, 0xffffffff81000401, &sym, &off), 0);
}

Test(ksyms, names_that_exist_more_than_once)
{
	_cleanup_ksyms_ struct ksyms *ks = parsed(sample);

	expect_walk(ksyms_named(ks, "dup"), (uint64_t[]){0xffffffff81000500, 0xffffffff81000800, 0xffffffffc0002000},
		    3);
	expect_walk(ksyms_named(ks, "foo"), (uint64_t[]){0xffffffff81000100}, 1);
	expect_walk(ksyms_named(ks, "foo.constprop.0"), (uint64_t[]){0xffffffff81000200}, 1);
	expect_walk(ksyms_named(ks, ".L_odd"), (uint64_t[]){0xffffffff81000780}, 1);
	expect_walk(ksyms_named(ks, "data"), NULL, 0);
	expect_walk(ksyms_named(ks, "fo"), NULL, 0);
	expect_walk(ksyms_named(ks, ""), NULL, 0);
}

Test(ksyms, variants_are_suffixed_names_only)
{
	_cleanup_ksyms_ struct ksyms *ks = parsed(sample);

	expect_walk(ksyms_variants(ks, "foo"), (uint64_t[]){0xffffffff81000200, 0xffffffff81000300}, 2);
	expect_walk(ksyms_variants(ks, "dup"), NULL, 0);
}

Test(ksyms, extent)
{
	_cleanup_ksyms_ struct ksyms *ks = parsed(sample);

	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffff81000600), 0x100);
	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffff81000000), 0x100);
	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffffc0003000), 0);
	cr_expect_eq(ksyms_extent_bytes(ks, UINT64_MAX), 0);
}

Test(ksyms, a_last_line_without_newline_counts)
{
	_cleanup_ksyms_ struct ksyms *ks = parsed("ffffffff81000000 T a\nffffffff81000010 T b");

	expect_walk(ksyms_named(ks, "b"), (uint64_t[]){0xffffffff81000010}, 1);
}

Test(ksyms, broken_text_is_refused)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{"", -EBADMSG},
		{"\n", -EBADMSG},
		{"garbage\n", -EBADMSG},
		{"ffffffff81000000\n", -EBADMSG},
		{"ffffffff81000000 T\n", -EBADMSG},
		{"ffffffff81000000 T \n", -EBADMSG},
		{"ffffffff81000000 T a\nffffffff8100", -EBADMSG},
		{"ffffffff81000000 T a\nffffffff81000010 T b\t[veth", -EBADMSG},
		{"ffffffff81000000 T a\t[]\n", -EBADMSG},
		{"ffffffff81000000 T a\t\n", -EBADMSG},
		{"ffffffff81000000 T \t[veth]\n", -EBADMSG},
		{"1ffffffff81000000 T a\n", -EBADMSG},
		{"0xffff T a\n", -EBADMSG},
		{"ffffffff81000000  T a\n", -EBADMSG},
		{"0000000000000000 A a\n", -EBADMSG},
		{"0000000000000000 T a\n0000000000000000 t b\n", -EPERM},
		{"0000000000000000 T a\n0000000000000010 D b\n", -EPERM},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reason reason = {0};
		struct ksyms *ks = (void *)1;

		cr_expect_eq(ksyms_new(cases[i].text, strlen(cases[i].text), &ks, &reason), cases[i].r, "%zu", i);
		cr_expect_eq(ks, (void *)1, "%zu: *ret was touched", i);
		cr_expect(*reason.text, "%zu: no reason", i);
	}
}

Test(ksyms, a_nul_within_a_name_is_garbage)
{
	struct reason reason = {0};
	struct ksyms *ks = NULL;

	cr_expect_eq(ksyms_new("ffffffff81000000 T a\0b\n", 23, &ks, &reason), -EBADMSG);
}

/* A module's name that goes on behind a NUL was compared beyond the names kept: the fuzzer found it. */
Test(ksyms, a_nul_within_a_modules_name_is_garbage)
{
	static const char text[] =
		"ffffffff81000000 T a\t[m]\nffffffff81000010 T b\t[m\0and the rest of a long name]\n";
	struct reason reason = {0};
	struct ksyms *ks = NULL;

	cr_expect_eq(ksyms_new(text, sizeof(text) - 1, &ks, &reason), -EBADMSG);
}

/* Every prefix of a good text is either parsed or refused; under ASan this finds reads past the end. */
Test(ksyms, truncation)
{
	for (size_t len = 0; len < sizeof(sample); len++) {
		_cleanup_free_ char *copy = memcpy(malloc(len ? len : 1), sample, len);
		_cleanup_ksyms_ struct ksyms *ks = NULL;
		int r;

		r = ksyms_new(copy, len, &ks, NULL);
		cr_expect(r == 0 || r == -EBADMSG || r == -EPERM, "%zu: %d", len, r);
	}
}

Test(ksyms, many_symbols_and_modules)
{
	_cleanup_buf_ struct buf b = {0};
	_cleanup_ksyms_ struct ksyms *ks = NULL;
	struct ksyms_iter it;
	struct ksym sym;
	char line[128];

	for (unsigned i = 20000; i > 0; i--) {
		int n = snprintf(line, sizeof(line), "ffffffff%08x t f%u.part.%u\t[mod%u]\n", i * 16, i / 2, i,
				 i / 100);

		buf_append(&b, line, n);
	}
	cr_assert_eq(ksyms_new(b.data, b.len, &ks, NULL), 0);
	cr_expect_eq(ksyms_count(ks), 20000);
	it = ksyms_variants(ks, "f7000");
	cr_assert(ksyms_next(&it, &sym));
	cr_expect_str_eq(sym.name, "f7000.part.14000");
	cr_expect_str_eq(sym.module, "mod140");
	cr_assert(ksyms_next(&it, &sym));
	cr_expect_str_eq(sym.name, "f7000.part.14001");
	cr_expect_not(ksyms_next(&it, &sym));
}
