/* SPDX-License-Identifier: GPL-2.0-only */
/* What instances that are gone left: events that are still defined, and the knob of kern/expedite.h. */
#pragma once

#include <stdbool.h>

#include "base/reason.h"

/* How many events there are, or how many were removed. -errno with a reason. */
int leftovers_look(bool remove, struct reason *reason);
/* What everything that arms does first, doctor excepted: removes and puts back what can be. */
void leftovers_sweep(void);
