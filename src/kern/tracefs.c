/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Raw system calls: the C library's wrappers are younger than some libraries we run with. */
static int sys_fsopen(const char *type)
{
	int fd = syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int sys_fsconfig_create(int fs_fd)
{
	return syscall(SYS_fsconfig, fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno : 0;
}

static int sys_fsmount(int fs_fd)
{
	int fd = syscall(SYS_fsmount, fs_fd, FSMOUNT_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* The directory if that file system is mounted there. */
static int open_mounted(const char *path, unsigned long magic)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs st;

	if (fd < 0 || fstatfs(fd, &st) < 0)
		return -errno;
	if ((unsigned long)st.f_type != magic)
		return -ENOENT;
	return TAKE_FD(fd);
}

/* A detached mount: fsmount's descriptor is an O_PATH one, so its root is opened for reading. */
static int open_detached(const char *type)
{
	_cleanup_close_ int fs = sys_fsopen(type);
	_cleanup_close_ int mnt = -1;
	int r;

	if (fs < 0)
		return fs;
	r = sys_fsconfig_create(fs);
	if (r < 0)
		return r;
	mnt = sys_fsmount(fs);
	if (mnt < 0)
		return mnt;
	r = openat(mnt, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return r < 0 ? -errno : r;
}

static int refused(int err, const char *type, struct reason *reason)
{
	if (err == -EPERM || err == -EACCES)
		return reason_set(reason, -EPERM,
				  "%s is refused: run as root (CAP_SYS_ADMIN) where the kernel is not "
				  "locked down and no security policy forbids it",
				  type);
	if (err == -ENODEV)
		return reason_set(reason, err, "this kernel has no %s: it was built without tracing", type);
	return reason_set(reason, err, "cannot open %s: %s", type, strerror(-err));
}

int tracefs_open(struct reason *reason)
{
	int fd = open_mounted("/sys/kernel/tracing", TRACEFS_MAGIC);

	if (fd < 0)
		fd = open_mounted("/sys/kernel/debug/tracing", TRACEFS_MAGIC);
	if (fd < 0)
		fd = open_detached("tracefs");
	return fd < 0 ? refused(fd, "tracefs", reason) : fd;
}

int debugfs_open(struct reason *reason)
{
	int fd = open_mounted("/sys/kernel/debug", DEBUGFS_MAGIC);

	if (fd < 0)
		fd = open_detached("debugfs");
	return fd < 0 ? refused(fd, "debugfs", reason) : fd;
}

int tracefs_read(int dirfd, const char *path, struct buf *ret)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return buf_read_fd(fd, ret);
}
