/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/vmbtf.h"

#include <stddef.h>

bool vmbtf_has_func(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

/* typedef void (*btf_trace_kfree_skb)(void *, struct sk_buff *, void *location, enum skb_drop_reason, ...) */
bool vmbtf_has_drop_reason(const struct btf *btf)
{
	const struct btf_type *t;
	int id = btf__find_by_name_kind(btf, "btf_trace_kfree_skb", BTF_KIND_TYPEDEF);

	if (id < 0)
		return false;
	t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	if (!t || !btf_is_ptr(t))
		return false;
	t = btf__type_by_id(btf, t->type);
	return t && btf_is_func_proto(t) && btf_vlen(t) >= 4;
}
