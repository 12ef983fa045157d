/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/* What mostly is behind a drop reason (include/net/dropreason-core.h, without the prefix SKB_DROP_REASON_), and where
 * to look: one line, lower case, no full stop. Where the reason is none (NULL) or NOT_SPECIFIED, the function that
 * dropped it and the one before it (NULL unknown) may tell. NULL for what is in no table. */
const char *drop_cause(const char *reason, const char *symbol, const char *after);

/* The reasons of the table, in the order of their names, from 0 on; NULL: there are no more. */
const char *drop_reason_at(size_t i);
/* The functions in which any drop that has no reason is of this one, from 0 on; NULL: there are no more. */
const char *drop_place_at(const char *reason, size_t n);
