/* SPDX-License-Identifier: GPL-2.0-only */
/* What killed instances left behind: events that are still defined, and the setting of rcu_expedited.h. */
#pragma once

#include <stdbool.h>

#include "base/reason.h"

/* How many events of killed instances there are, or, with remove, how many were removed. -errno with a reason. */
int stale_events_find(bool remove, struct reason *reason);
/* Removes the events and restores the setting, as far as possible. Everything that attaches calls it first, except
 * doctor, which reports them. */
void stale_events_clean_up(void);
