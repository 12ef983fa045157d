/* SPDX-License-Identifier: GPL-2.0-only */
/* What start-up does: a kernel's worth of symbols, the selection among them, and a filter's translation. */
#include "micro.h"

#include <stdio.h>
#include <string.h>

#include "filter/expr.h"
#include "kallsyms/ksyms.h"
#include "select/select.h"

#define SYMBOLS	 200000u /* Debian's 6.12 has about as many */
#define TAKE_SKB 1700u

static struct buf kallsyms, list;
static struct ksyms *ksyms;
static struct sig_set sigs;
static struct avail *avail;

static void make_symbols(void)
{
	char line[128];

	for (unsigned i = 0; i < SYMBOLS; i++) {
		unsigned long addr = 0xffffffff81000000ul + i * 64ul;
		int n = snprintf(line, sizeof(line), "%016lx %c some_kernel_function_%u\n", addr, i % 3 ? 't' : 'd', i);

		must(buf_append(&kallsyms, line, n), "buf_append");
		if (i % 3 == 0)
			continue;
		n = snprintf(line, sizeof(line), "%016lx some_kernel_function_%u\n", addr, i);
		must(buf_append(&list, line, n), "buf_append");
	}
	for (unsigned i = 0; i < TAKE_SKB; i++) {
		struct sig s = {.name = line, .slot = 1};

		snprintf(line, sizeof(line), "some_kernel_function_%u", i * (SYMBOLS / TAKE_SKB));
		must(sig_set_add(&sigs, &s), "sig_set_add");
	}
}

static struct ksyms *parsed(void)
{
	struct ksyms *ks;

	must(ksyms_new(kallsyms.data, kallsyms.len, &ks, NULL), "ksyms_new");
	return ks;
}

static void parse(void)
{
	ksyms_free(parsed());
}

static void find(void)
{
	uint64_t offset;
	struct ksym sym;

	for (unsigned i = 1; i < SYMBOLS; i += 3)
		must(ksyms_find(ksyms, 0xffffffff81000000ul + i * 64ul + 5, &sym, &offset), "ksyms_find");
}

static void choose(void)
{
	struct func_set funcs = {0};

	must(select_funcs(&(struct select_opts){0}, ksyms, &sigs, avail, &funcs, NULL), "select_funcs");
	func_set_free(&funcs);
}

static void translate(void)
{
	struct expr e;

	must(expr_compile("tcp port 443 and host 10.0.0.133", &e, NULL), "expr_compile");
	expr_free(&e);
}

const struct bench *bench_symbols(void)
{
	static const struct bench benches[] = {
		{"parse kallsyms", "symbol", parse, SYMBOLS},
		{"the function at an address", "address", find, SYMBOLS / 3},
		{"select among all symbols", "signature", choose, TAKE_SKB},
		{"a pcap-filter to eBPF, both ways", "expression", translate, 1},
		{0},
	};

	make_symbols();
	must(avail_new(list.data, list.len, NULL, 0, &avail), "avail_new");
	ksyms = parsed();
	return benches;
}
