/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "base/reason.h"

/* For --ready-file: creates path, mode 0600. The path must not exist, not even as a symbolic link. Does nothing if path
 * is NULL or a signal asked the program to stop. 0, or -errno with a reason. */
int ready_file_create(const char *path, struct reason *reason);
