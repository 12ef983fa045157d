/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/symbols.h"

#include <errno.h>

#include "btf/drop_reasons.h"
#include "kern/symbol_iter.h"

struct symbols {
	struct ksyms *ksyms;
	struct drop_reasons *reasons;
};

int symbols_load(struct symbols **ret, struct reason *reason)
{
	_cleanup_(symbols_freep) struct symbols *s = calloc(1, sizeof(*s));
	_cleanup_(btf_index_freep) struct btf_index *btf = NULL;
	int r;

	if (!s)
		return -ENOMEM;
	r = btf_index_load(NULL, &btf, reason);
	if (r >= 0)
		r = symbol_iter_load(btf, &s->ksyms, reason);
	if (r >= 0)
		r = drop_reasons_load(btf, &s->reasons);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	drop_reasons_free(s->reasons);
	ksyms_free(s->ksyms);
	free(s);
}

const struct ksyms *symbols_ksyms(const struct symbols *s)
{
	return s->ksyms;
}

const char *symbols_find(void *ctx, uint64_t addr, uint64_t *ret_offset)
{
	struct symbols *s = ctx;
	struct ksym sym;

	return ksyms_find(s->ksyms, addr, &sym, ret_offset) < 0 ? NULL : sym.name;
}

const char *symbols_drop_reason(void *ctx, uint32_t reason)
{
	struct symbols *s = ctx;

	return drop_reasons_name(s->reasons, reason);
}
