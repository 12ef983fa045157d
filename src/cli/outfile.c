/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Whether somebody else holds the file's lock. A file system without locks is no reason to refuse. */
static bool is_taken(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

int outfile_open(const char *option, const char *path, int *ret, struct reason *reason)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (strcmp(path, "-") == 0) {
		*ret = STDOUT_FILENO;
		return 0;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (fd < 0)
		return reason_set(reason, -errno, "--%s=%s: cannot write it: %s", option, path,
				  errno == ELOOP ? "it is a symbolic link" : strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (is_taken(fd))
			return reason_set(reason, -EBUSY,
					  "--%s=%s: cannot write it: another option, or another skbtrail, does", option,
					  path);
	}
	*ret = TAKE_FD(fd);
	return 0;
}

int outfile_empty(int fd)
{
	struct stat st;

	if (fd == STDOUT_FILENO || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	fchmod(fd, 0600); /* an older file may have been readable by others */
	return ftruncate(fd, 0) < 0 ? -errno : 0;
}

int outfile_is_not_input(const char *option, const char *path, const char *input, struct reason *reason)
{
	struct stat a, b;

	if (!path || !input || stat(path, &a) < 0 || stat(input, &b) < 0 || !S_ISREG(a.st_mode) ||
	    a.st_dev != b.st_dev || a.st_ino != b.st_ino)
		return 0;
	return reason_set(reason, -EINVAL, "--%s=%s: it is also an input", option, path);
}
