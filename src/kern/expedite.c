/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/expedite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define KNOB_PATH  "/sys/kernel/rcu_expedited"
#define STATE_PATH "/run/skbtrail.rcu_expedited"

static int knob_write(const char *value, size_t len)
{
	_cleanup_close_ int fd = open(KNOB_PATH, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, value, len) == (ssize_t)len ? 0 : -errno;
}

static ssize_t knob_read(char *value, size_t size)
{
	_cleanup_close_ int fd = open(KNOB_PATH, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, value, size);
	return n < 0 ? -errno : n;
}

/* The state file, locked; -EWOULDBLOCK while another instance holds it. */
static int lock_state(int flags)
{
	_cleanup_close_ int fd = open(STATE_PATH, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	struct stat st;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_nlink == 0) /* its owner ended just now */
		return -EWOULDBLOCK;
	return TAKE_FD(fd);
}

/* An old value in the locked file means that its writer died: put it back. */
static int repair_locked(int fd)
{
	char value[16];
	ssize_t n = pread(fd, value, sizeof(value), 0);

	if (n <= 0)
		return n < 0 ? -errno : 0;
	n = knob_write(value, n);
	return n < 0 ? n : 1;
}

int expedite_left(void)
{
	_cleanup_close_ int fd = lock_state(0);
	char value[16];
	ssize_t n;

	if (fd == -ENOENT || fd == -EWOULDBLOCK)
		return 0;
	if (fd < 0)
		return fd;
	n = pread(fd, value, sizeof(value), 0);
	return n < 0 ? -errno : n > 0;
}

int expedite_repair(void)
{
	_cleanup_close_ int fd = lock_state(0);
	int r;

	if (fd == -ENOENT || fd == -EWOULDBLOCK)
		return 0;
	if (fd < 0)
		return fd;
	r = repair_locked(fd);
	unlink(STATE_PATH);
	return r;
}

int expedite_begin(void)
{
	_cleanup_close_ int fd = lock_state(O_CREAT);
	char value[16];
	ssize_t n;

	if (fd < 0 || repair_locked(fd) < 0)
		return -1;
	n = knob_read(value, sizeof(value));
	if (n <= 0 || ftruncate(fd, 0) < 0 || pwrite(fd, value, n, 0) != n || knob_write("1", 1) < 0) {
		unlink(STATE_PATH);
		return -1;
	}
	return TAKE_FD(fd);
}

void expedite_end(int fd)
{
	if (fd < 0)
		return;
	repair_locked(fd);
	unlink(STATE_PATH);
	close(fd);
}
