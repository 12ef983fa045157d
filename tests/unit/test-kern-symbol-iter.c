/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's symbols as the iterator's records bring them: bpf/symbols.bpf.c. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "bpf/event.h"
#include "kern/symbol_iter.h"

static void put(struct buf *b, uint64_t addr, char type, const char *name, const char *module)
{
	struct st_symbol s = {.addr = addr,
			      .type = (uint8_t)type,
			      .name_bytes = (uint16_t)strlen(name),
			      .module_bytes = (uint8_t)strlen(module)};

	cr_assert_eq(buf_append(b, (const char *)&s, sizeof(s)), 0);
	cr_assert_eq(buf_append(b, name, strlen(name)), 0);
	cr_assert_eq(buf_append(b, module, strlen(module)), 0);
}

static struct buf some(void)
{
	struct buf b = {0};

	put(&b, 0xffffffff81000000, 'T', "_text", "");
	put(&b, 0xffffffff81000100, 't', "ip_rcv_core.isra.0", "");
	put(&b, 0xffffffff81100000, 'D', "", "");
	put(&b, 0xffffffffc0000000, 't', "veth_xmit", "veth");
	return b;
}

static void expect_some(struct ksyms *ks)
{
	struct ksym sym;

	cr_expect_eq(ksyms_count(ks), 4u);
	cr_assert(ksyms_first(ks, "veth_xmit", &sym));
	cr_expect_eq(sym.addr, 0xffffffffc0000000u);
	cr_expect_str_eq(sym.module, "veth");
	cr_assert(ksyms_first(ks, "_text", &sym));
	cr_expect_eq(sym.type, 'T');
	cr_expect_null(sym.module);
	cr_expect(ksyms_first(ks, "ip_rcv_core.isra.0", &sym));
	cr_expect_eq(ksyms_extent_bytes(ks, 0xffffffff81000100), 0xfff00u);
}

/* However the kernel cuts them into reads. */
Test(symbol_iter, records_are_taken_whole)
{
	_cleanup_buf_ struct buf b = some();

	for (size_t cut = 0; cut <= b.len; cut++) {
		_cleanup_(ksyms_builder_freep) struct ksyms_builder *builder = NULL;
		_cleanup_ksyms_ struct ksyms *ks = NULL;
		ssize_t first, rest;

		cr_assert_eq(ksyms_builder_new(&builder), 0);
		first = symbol_iter_parse(builder, (const uint8_t *)b.data, cut);
		cr_assert(first >= 0 && (size_t)first <= cut, "cut at %zu", cut);
		rest = symbol_iter_parse(builder, (const uint8_t *)b.data + first, b.len - (size_t)first);
		cr_assert_eq((size_t)(first + rest), b.len, "cut at %zu", cut);
		cr_assert_eq(ksyms_builder_finish(builder, &ks, NULL), 0);
		expect_some(ks);
	}
}

Test(symbol_iter, what_no_record_can_be_is_refused)
{
	const struct st_symbol bad[] = {
		{.addr = 1, .type = 'T'}, /* text without a name */
		{.addr = 1, .type = 'T', .name_bytes = ST_SYMBOL_NAME_MAX},
		{.addr = 1, .type = 'D', .module_bytes = ST_SYMBOL_MODULE_MAX},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(ksyms_builder_freep) struct ksyms_builder *builder = NULL;
		uint8_t bytes[1024] = {0};

		memcpy(bytes, &bad[i], sizeof(bad[i]));
		cr_assert_eq(ksyms_builder_new(&builder), 0);
		cr_expect_eq(symbol_iter_parse(builder, bytes, sizeof(bytes)), -EBADMSG, "%zu", i);
	}
}

Test(symbol_iter, hidden_addresses_are_told)
{
	_cleanup_(ksyms_builder_freep) struct ksyms_builder *builder = NULL;
	struct ksyms *ks = NULL;
	struct reason reason = {0};

	cr_assert_eq(ksyms_builder_new(&builder), 0);
	cr_assert_eq(ksyms_builder_add(builder, 0, 'T', "_text", 5, NULL, 0), 0);
	cr_expect_eq(ksyms_builder_finish(builder, &ks, &reason), -EPERM);
	cr_expect(strstr(reason.text, "hides the kernel's addresses"), "%s", reason.text);
}
