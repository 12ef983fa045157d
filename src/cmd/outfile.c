/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int outfile_open(const char *option, const char *path, int *ret, struct reason *reason)
{
	struct stat st;
	int fd;

	if (strcmp(path, "-") == 0) {
		*ret = STDOUT_FILENO;
		return 0;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (fd < 0)
		return reason_set(reason, -errno, "--%s=%s: cannot write it: %s", option, path,
				  errno == ELOOP ? "it is a symbolic link" : strerror(errno));
	/* one that was there may have been anyone's to read */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		fchmod(fd, 0600);
	*ret = fd;
	return 0;
}

int outfile_write(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
