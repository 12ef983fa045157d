/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/expedite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kern/instances.h"
#include "kern/tracefs.h"

#define KNOB_PATH "/sys/kernel/rcu_expedited"

static int knob_write(long value)
{
	_cleanup_close_ int fd = open(KNOB_PATH, O_WRONLY | O_CLOEXEC);

	return fd < 0 || dprintf(fd, "%ld\n", value) < 0 ? -errno : 0;
}

static int knob_read(long *ret)
{
	_cleanup_close_ int fd = open(KNOB_PATH, O_RDONLY | O_CLOEXEC);
	char value[16];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, value, sizeof(value) - 1);
	if (n <= 0)
		return n < 0 ? -errno : -EIO;
	value[n] = '\0';
	*ret = strtol(value, NULL, 10);
	return 0;
}

/* Who holds this may change the knob. -EAGAIN while another instance does. */
static int lock_knob(int tracefs)
{
	_cleanup_close_ int fd = instances_open(tracefs, NULL);
	int r = fd < 0 ? fd : instances_lock(fd, INSTANCES_LOCK_EXPEDITE);

	return r < 0 ? r : TAKE_FD(fd);
}

/* 1: it is set by us; 0: it is not, or this kernel has none (CONFIG_TINY_RCU). */
static int marked(void)
{
	long value = 0;
	int r = knob_read(&value);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : value == EXPEDITE_MARK;
}

/* The lock, if a dead instance left the knob set; 0 if there is nothing to repair; or -errno. */
static int lock_left(int *ret_fd)
{
	_cleanup_close_ int tracefs = -1;
	int fd, r = marked();

	if (r <= 0)
		return r;
	tracefs = tracefs_open(NULL);
	fd = tracefs < 0 ? tracefs : lock_knob(tracefs);
	if (fd < 0)
		return fd == -EAGAIN ? 0 : fd;
	r = marked(); /* its owner may have ended just now */
	if (r <= 0)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}

int expedite_left(void)
{
	_cleanup_close_ int fd = -1;

	return lock_left(&fd);
}

int expedite_repair(void)
{
	_cleanup_close_ int fd = -1;
	int r = lock_left(&fd);

	if (r <= 0)
		return r;
	r = knob_write(0);
	return r < 0 ? r : 1;
}

int expedite_begin(int tracefs)
{
	_cleanup_close_ int fd = lock_knob(tracefs);
	long value = 0;

	if (fd < 0 || knob_read(&value) < 0)
		return -1;
	/* marked: left by one that died, and ours from now on */
	if (value != EXPEDITE_MARK && (value != 0 || knob_write(EXPEDITE_MARK) < 0))
		return -1;
	return TAKE_FD(fd);
}

void expedite_end(int fd)
{
	if (fd < 0)
		return;
	if (marked() > 0)
		knob_write(0);
	close(fd);
}
