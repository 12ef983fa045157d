/* SPDX-License-Identifier: GPL-2.0-only */
/* Privileges given up once all is armed. */
#pragma once

#include "guard/guard.h"

/* guard_confine(), and a line on standard error if this kernel has no filters of system calls. 0, or -errno with a
 * reason. */
int confine(const struct guard_needs *needs, struct reason *reason);
