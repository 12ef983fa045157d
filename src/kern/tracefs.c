/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "guard/guard.h"
#include "kern/denial.h"

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

/* mounted: the error of the mount at its usual place */
static int refused(int err, int mounted, const char *type, const char *place, struct reason *reason)
{
	if (mounted == -EACCES && !guard_has(CAP_DAC_READ_SEARCH) && geteuid() != 0)
		return reason_set(reason, mounted, "%s at %s is root's; run as root, or with CAP_DAC_READ_SEARCH", type,
				  place);
	if (mounted == -EACCES || mounted == -EPERM)
		return reason_set(reason, mounted,
				  "%s at %s: a security module forbids it; run where its policy allows tracing", type,
				  place);
	if (err == -EPERM && !guard_has(CAP_SYS_ADMIN))
		return reason_set(reason, err,
				  "%s is not mounted, and to mount it for itself this process lacks CAP_SYS_ADMIN; "
				  "mount -t %s %s %s",
				  type, type, type, place);
	if (err == -EPERM && denial_in_userns())
		return reason_set(reason, err,
				  "%s is not mounted, and a user namespace of its own may not mount it; run as root of "
				  "the machine",
				  type);
	if (err == -EPERM || err == -EACCES)
		return reason_set(reason, -EPERM,
				  "%s is not mounted, and a security module forbids to mount it; mount -t %s %s %s "
				  "where its policy allows that",
				  type, type, type, place);
	if (err == -ENODEV)
		return reason_set(reason, err, "this kernel has no %s: it was built without tracing", type);
	return reason_set(reason, err, "cannot open %s: %s", type, strerror(-err));
}

int tracefs_open(struct reason *reason)
{
	int mounted = open_mounted("/sys/kernel/tracing", TRACEFS_MAGIC), fd = mounted;

	if (fd < 0)
		fd = open_mounted("/sys/kernel/debug/tracing", TRACEFS_MAGIC);
	if (fd < 0)
		fd = open_detached("tracefs");
	return fd < 0 ? refused(fd, mounted, "tracefs", "/sys/kernel/tracing", reason) : fd;
}

int debugfs_open(struct reason *reason)
{
	int mounted = open_mounted("/sys/kernel/debug", DEBUGFS_MAGIC), fd = mounted;

	if (fd < 0)
		fd = open_detached("debugfs");
	return fd < 0 ? refused(fd, mounted, "debugfs", "/sys/kernel/debug", reason) : fd;
}

int securityfs_open(void)
{
	int fd = open_mounted("/sys/kernel/security", SECURITYFS_MAGIC);

	return fd < 0 ? open_detached("securityfs") : fd;
}

int tracefs_read(int dirfd, const char *path, struct buf *ret)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return buf_read_fd(fd, ret);
}
