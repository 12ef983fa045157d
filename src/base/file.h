/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/* All of it, however often it takes: 0 or -errno. */
int file_write(int fd, const void *data, size_t len);

/* Replaces the file at path, or makes it, whole or not at all: written beside it under another name, mode 0600, then
 * renamed over it. A symlink is not followed, -ELOOP; a device or a FIFO is written into, and stays. -errno. */
int file_replace(const char *path, const void *data, size_t len);

/* Takes the descriptors below 3 that were closed, so that no file that is opened later is taken for standard output or
 * error; reading and writing them fails with EBADF, as it would have. */
void hold_standard_files(void);
