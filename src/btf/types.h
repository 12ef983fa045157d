/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's types, for the expressions of filter/skb_expr.h. */
#pragma once

#include "base/reason.h"
#include "btf/index.h"
#include "filter/skb_types.h"

struct btf_types;

/* Reads the running kernel's types, or those of the file kernel_btf (raw BTF or ELF) if it is not NULL. Errors are
 * those of btf_index_load(). */
int btf_types_load(const char *kernel_btf, struct btf_types **ret, struct reason *reason);
void btf_types_free(struct btf_types *t);
DEFINE_CLEANUP(struct btf_types *, btf_types_free)
/* Borrowed from t, which must outlive it. */
const struct skb_types *btf_types_skb(const struct btf_types *t);

/* Bytes from the start of the struct `type` to its member, which may be in a struct or union without a name. -ENOENT:
 * no such member. */
int64_t btf_types_offset(const struct btf_index *v, const char *type, const char *member);
