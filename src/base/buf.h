/* SPDX-License-Identifier: GPL-2.0-only */
/* A growing byte buffer, and whole files read into one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct buf {
	char *data; /* owned; NUL-terminated after buf_read_file() */
	size_t len; /* bytes in use, without the NUL */
	size_t cap; /* bytes allocated */
};

/* Makes room for `more` bytes beyond len. 0 or -ENOMEM; the contents are unchanged on failure. */
int buf_reserve(struct buf *b, size_t more);
int buf_append(struct buf *b, const void *data, size_t len);
void buf_free(struct buf *b);

/* Reads a whole file, also one of /proc or /sys whose size is not known beforehand, and appends a NUL that len does
 * not count. -errno on failure, *ret is then left alone. */
int buf_read_file(const char *path, struct buf *ret);
/* As buf_read_file(), but -EFBIG if there are more than max_bytes: the path of a user may be an endless device. */
int buf_read_file_max(const char *path, size_t max_bytes, struct buf *ret);
int buf_read_fd(int fd, struct buf *ret);
/* Reads a whole file below the directory dirfd. */
int buf_read_at(int dirfd, const char *path, struct buf *ret);

#define _cleanup_buf_ _cleanup_(buf_free)
