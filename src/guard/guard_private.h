/* SPDX-License-Identifier: GPL-2.0-only */
/* The two steps of guard_confine(): capabilities, then system calls. Both return 0 or -errno. Private to this room. */
#pragma once

#include "guard/guard.h"

int caps_keep_few(const struct guard_needs *needs);
int syscalls_confine(const struct guard_needs *needs);
