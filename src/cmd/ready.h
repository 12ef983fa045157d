/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "base/reason.h"

/* --ready-file: creates path, which must not exist, mode 0600, never through a symlink. path NULL, or told to end
 * meanwhile: nothing. -errno with a reason. */
int ready_file_create(const char *path, struct reason *reason);
