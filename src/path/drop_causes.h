/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* What mostly is behind a drop reason (include/net/dropreason-core.h, without the prefix SKB_DROP_REASON_), and where
 * to look: one line, lower case, no full stop. Where the reason is none (NULL) or NOT_SPECIFIED, the function that
 * dropped it and the one before it (NULL unknown) may tell. NULL for what is in no table. */
const char *drop_cause(const char *reason, const char *symbol, const char *after);
