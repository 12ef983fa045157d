/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/pseudo_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/cleanup.h"

/* Raw system calls: older C libraries lack the wrappers. */
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

int pseudo_fs_open_mounted(const char *path, unsigned long magic)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs st;

	if (fd < 0 || fstatfs(fd, &st) < 0)
		return -errno;
	if ((unsigned long)st.f_type != magic)
		return -ENOENT;
	return TAKE_FD(fd);
}

/* The descriptor of fsmount(2) is O_PATH, so the root directory is opened again for reading. */
int pseudo_fs_open_detached(const char *type)
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
