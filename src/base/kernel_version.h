/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

/* Whether the running kernel, as uname(2) names it, is at least this version. False if its name cannot be read. */
bool kernel_version_at_least(unsigned major, unsigned minor);
