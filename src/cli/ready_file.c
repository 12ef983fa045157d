/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/ready_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/signals.h"

int ready_file_create(const char *path, struct reason *reason)
{
	_cleanup_close_ int fd = -1;

	if (!path || signals_stop_asked())
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? reason_set(reason, -errno, "--ready-file=%s: %s", path, strerror(errno)) : 0;
}
