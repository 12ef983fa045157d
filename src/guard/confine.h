/* SPDX-License-Identifier: GPL-2.0-only */
/* The two halves of guard_confine(). 0 or -errno. */
#pragma once

#include "guard/guard.h"

int caps_keep_few(const struct guard_needs *needs);
int syscalls_confine(const struct guard_needs *needs);
