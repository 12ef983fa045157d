/* SPDX-License-Identifier: GPL-2.0-only */
/* Names for the numbers that events have: code addresses and drop reasons. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"

struct symbols;

/* Reads the kernel's symbols and drop reasons. Names stay valid until symbols_free(). -errno with a reason. */
int symbols_load(struct symbols **ret, struct reason *reason);
void symbols_free(struct symbols *s);
DEFINE_CLEANUP(struct symbols *, symbols_free)

const struct ksyms *symbols_ksyms(const struct symbols *s);
/* The function that contains addr, and addr's offset in it; NULL if there is none. ctx is a struct symbols. */
const char *symbols_find(void *ctx, uint64_t addr, uint64_t *ret_offset);
/* "NETFILTER_DROP", or NULL if unknown. ctx is a struct symbols. */
const char *symbols_drop_reason(void *ctx, uint32_t reason);
