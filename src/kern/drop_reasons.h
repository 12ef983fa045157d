/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of drop reasons, from the running kernel's own BTF: enum skb_drop_reason and the subsystems' enums. */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

struct drop_reasons;
struct vmbtf;

/* Before 5.17 there are none: the table is empty then, which is no error. Keeps nothing of vmlinux. -ENOMEM. */
int drop_reasons_load(const struct vmbtf *vmlinux, struct drop_reasons **ret);
void drop_reasons_free(struct drop_reasons *d);
DEFINE_CLEANUP(struct drop_reasons *, drop_reasons_free)

/* "NETFILTER_DROP", without the enum's prefix; NULL if unknown. Lives as long as d. */
const char *drop_reasons_name(const struct drop_reasons *d, uint32_t reason);
