/* SPDX-License-Identifier: GPL-2.0-only */
/* The ledgers of several recordings as one. */
#pragma once

#include "event/ledger.h"

struct ledger_sum {
	struct ledger total; /* borrows the ledgers' strings */
	uint64_t n;	     /* ledgers in it */
};

/* Counts and durations add up (and saturate); no loss is provable only if it is in each. The backend is that of all, or
 * unknown. */
void ledger_sum_add(struct ledger_sum *sum, const struct ledger *l);
