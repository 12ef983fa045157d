/* SPDX-License-Identifier: GPL-2.0-only */
#include "event/ledger.h"

#include <stddef.h>

#include "base/cleanup.h"

uint64_t ledger_lost(const struct ledger *l)
{
	const uint64_t parts[] = {l->lost_ring, l->lost_recursion, l->lost_kprobe, l->lost_map};
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (__builtin_add_overflow(sum, parts[i], &sum))
			return UINT64_MAX;
	return sum;
}

bool ledger_proves_no_loss(const struct ledger *l)
{
	return l->provable && ledger_lost(l) == 0;
}
