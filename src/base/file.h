/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/* Writes all bytes, with as many calls of write(2) as that takes. 0 or -errno. */
int file_write(int fd, const void *data, size_t len);

/* Creates the file at path, or replaces it as a whole: writes a new file, mode 0600, in the same directory, then
 * renames it. Refuses a symbolic link with -ELOOP; writes to a device or a FIFO as it is. 0 or -errno. */
int file_replace(const char *path, const void *data, size_t len);

/* Opens a dummy on each of the descriptors 0 to 2 that is closed, so that no file that is opened later becomes standard
 * output or error. Reading and writing them still fails with EBADF. */
void file_hold_standard(void);
