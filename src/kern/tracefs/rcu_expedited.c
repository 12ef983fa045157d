/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/tracefs/rcu_expedited.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kern/tracefs/instance_lock.h"
#include "kern/tracefs/tracefs.h"

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

/* A descriptor whose holder may change the setting. -EAGAIN while another instance holds the lock. */
static int lock_knob(int tracefs)
{
	_cleanup_close_ int fd = instance_lock_open(tracefs, NULL);
	int r = fd < 0 ? fd : instance_lock_take(fd, INSTANCE_LOCK_RCU_EXPEDITED);

	return r < 0 ? r : TAKE_FD(fd);
}

/* 1: it has our number; 0: it does not, or the kernel has no such setting (CONFIG_TINY_RCU). */
static int marked(void)
{
	long value = 0;
	int r = knob_read(&value);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : value == RCU_EXPEDITED_MARK;
}

/* 1 with the lock in *ret_fd if an instance that died left its number set; 0 if there is nothing to repair; or -errno.
 */
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
	r = marked(); /* its owner may have restored 0 just now */
	if (r <= 0)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}

int rcu_expedited_is_stale(void)
{
	_cleanup_close_ int fd = -1;

	return lock_left(&fd);
}

int rcu_expedited_repair(void)
{
	_cleanup_close_ int fd = -1;
	int r = lock_left(&fd);

	if (r <= 0)
		return r;
	r = knob_write(0);
	return r < 0 ? r : 1;
}

int rcu_expedited_begin(int tracefs)
{
	_cleanup_close_ int fd = lock_knob(tracefs);
	long value = 0;

	if (fd < 0 || knob_read(&value) < 0)
		return -1;
	/* if it has our number already, a dead instance left it: then it is this instance's from now on */
	if (value != RCU_EXPEDITED_MARK && (value != 0 || knob_write(RCU_EXPEDITED_MARK) < 0))
		return -1;
	return TAKE_FD(fd);
}

void rcu_expedited_end(int fd)
{
	if (fd < 0)
		return;
	if (marked() > 0)
		knob_write(0);
	close(fd);
}
