/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of drop reasons, from the kernel's BTF: enum skb_drop_reason and the enums of the subsystems, which may be
 * modules that are loaded now. */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

struct drop_reasons;
struct btf_index;

/* Before 5.17 the kernel has no drop reasons: the table is then empty, without an error. Copies what it needs of
 * vmlinux. 0 or -ENOMEM. */
int drop_reasons_load(const struct btf_index *vmlinux, struct drop_reasons **ret);
void drop_reasons_free(struct drop_reasons *d);
DEFINE_CLEANUP(struct drop_reasons *, drop_reasons_free)

/* "NETFILTER_DROP", without the enum's prefix; those of modules with it; NULL if unknown. Lives as long as d. */
const char *drop_reasons_name(const struct drop_reasons *d, uint32_t reason);
