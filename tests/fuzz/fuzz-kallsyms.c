/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel says about its functions, as text: /proc/kallsyms, ftrace's list and the kprobes' blacklist. */
#include <errno.h>

#include "fuzz.h"
#include "kallsyms/ksyms.h"
#include "select/avail.h"
#include "select/select.h"

static void look_around(const struct ksyms *ks)
{
	uint64_t last = 0;

	for (size_t i = 0; i < ksyms_count(ks); i++) {
		struct ksym sym = ksyms_at(ks, i), found;
		struct ksyms_iter it = ksyms_named(ks, sym.name);
		uint64_t offset;
		bool same = false;

		must(sym.addr >= last);
		last = sym.addr;
		while (ksyms_next(&it, &found))
			same |= found.addr == sym.addr;
		must(same || !ksym_is_text(sym.type));
		if (ksyms_find(ks, sym.addr + 1, &found, &offset) == 0)
			must(found.addr + offset == sym.addr + 1);
		(void)ksyms_extent_bytes(ks, sym.addr);
	}
}

static void join(const struct ksyms *ks, const char *list, size_t len)
{
	_cleanup_sigs_ struct sig_set sigs = {0};
	_cleanup_avail_ struct avail *avail = NULL;
	_cleanup_funcs_ struct func_set funcs = {0};
	struct select_opts opts = {.all = true};

	if (avail_new(list, len, list, len, &avail) < 0)
		return;
	for (size_t i = 0; i < ksyms_count(ks) && i < 8; i++) {
		struct ksym sym = ksyms_at(ks, i);

		must(sig_set_add(&sigs, &(struct sig){(char *)sym.name, (char *)sym.module, 1 + i % SLOT_MAX, i % 2,
						      NULL, false}) == 0);
	}
	must(select_funcs(&opts, ks, &sigs, avail, &funcs, NULL) == 0);
	for (size_t i = 0; i < funcs.n; i++)
		must(funcs.items[i].attachable == !funcs.items[i].reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_ksyms_ struct ksyms *ks = NULL;
	struct reason reason = {0};
	const uint8_t *cut = memchr(data, '\f', size);
	size_t len = cut ? (size_t)(cut - data) : size;
	int r;

	r = ksyms_new((const char *)data, len, &ks, &reason);
	must(r == 0 || reason.text[0] || r == -ENOMEM);
	if (r < 0)
		return 0;
	look_around(ks);
	join(ks, cut ? (const char *)cut + 1 : "", cut ? size - len - 1 : 0);
	return 0;
}
