/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives up privileges once everything is attached. */
#pragma once

#include "guard/guard.h"

/* As guard_confine(), but warns on standard error if this kernel has no filters of system calls. 0, or -errno with a
 * reason. */
int confine(const struct guard_needs *needs, struct reason *reason);
