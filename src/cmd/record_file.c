/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES (256u << 10)

static int feed(struct record_reader *reader, int fd, struct reason *reason)
{
	_cleanup_free_ char *bytes = malloc(READ_BYTES);
	ssize_t n;
	int r = 0;

	if (!bytes)
		return -ENOMEM;
	do {
		n = read(fd, bytes, READ_BYTES);
		if (n < 0 && errno != EINTR)
			return reason_set(reason, -errno, "cannot be read: %s", strerror(errno));
		if (n > 0)
			r = record_reader_feed(reader, bytes, (size_t)n, reason);
	} while (r >= 0 && n != 0);
	return r < 0 ? r : record_reader_end(reader, reason);
}

int record_file_read(struct record_reader *reader, const char *path, struct reason *reason)
{
	_cleanup_close_ int fd = -1;

	if (strcmp(path, "-") == 0)
		return feed(reader, STDIN_FILENO, reason);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return reason_set(reason, -errno, "%s", strerror(errno));
	return feed(reader, fd, reason);
}
