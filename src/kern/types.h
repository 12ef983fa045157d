/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's types, for expressions over them. */
#pragma once

#include "base/reason.h"
#include "filter/skb_types.h"

struct btf;
struct kern_types;

/* The running kernel's, or those of kernel_btf (raw BTF or ELF) if that is not NULL. -ENOENT, -EACCES, -EINVAL, -ENOMEM
 * with a reason. */
int kern_types_load(const char *kernel_btf, struct kern_types **ret, struct reason *reason);
void kern_types_free(struct kern_types *t);
DEFINE_CLEANUP(struct kern_types *, kern_types_free)
/* Borrowed from t. */
const struct skb_types *kern_types(const struct kern_types *t);
