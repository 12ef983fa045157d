/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define ROOT_ID	  1 /* inode of the root cgroup: the first one of its kernfs (fs/kernfs/dir.c) */
#define LEVEL_MAX 256

/* Where cgroup2 is usually mounted: alone, or beside version 1. */
static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

static int open_group(const char *path, int *ret_fd)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return -EINVAL;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int open_path(const char *path, int *ret_fd)
{
	char below[PATH_MAX];
	int r = path[0] == '/' ? open_group(path, ret_fd) : -ENOENT;

	/* a path of /proc/PID/cgroup begins with / and is relative to the mount */
	for (size_t i = 0; r < 0 && i < ARRAY_SIZE(mounts); i++) {
		int err;

		if (snprintf(below, sizeof(below), "%s/%s", mounts[i], path) >= (int)sizeof(below))
			return -ENAMETOOLONG;
		err = open_group(below, ret_fd);
		if (err == 0 || r == -ENOENT)
			r = err;
	}
	return r;
}

/* Counts the directories up to the root cgroup. In a cgroup namespace the root of the mount is another cgroup: its
 * parent is in another file system, or is the directory itself. */
static int climb(int group, dev_t dev, uint64_t id, struct cgroup *ret)
{
	_cleanup_close_ int at = fcntl(group, F_DUPFD_CLOEXEC, 0);
	uint32_t level = 0;
	struct stat st;

	if (at < 0)
		return -errno;
	while (level < LEVEL_MAX && id != ROOT_ID) {
		int above = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (above < 0)
			return -errno;
		close(at);
		at = above;
		if (fstat(at, &st) < 0)
			return -errno;
		if (st.st_dev != dev || st.st_ino == id)
			return 0;
		id = st.st_ino;
		level++;
	}
	ret->level = level;
	ret->has_level = id == ROOT_ID;
	return 0;
}

int cgroup_find(const char *path, struct cgroup *ret, struct reason *reason)
{
	_cleanup_close_ int fd = -1;
	struct cgroup found = {0};
	struct stat st;
	int r = open_path(path, &fd);

	if (r == -EINVAL)
		return reason_set(reason, r,
				  "is not in the cgroup2 file system; version 1 of cgroups cannot be filtered by");
	if (r < 0)
		return reason_set(reason, r,
				  "%s; a directory of the cgroup2 file system, or relative to /sys/fs/cgroup",
				  strerror(-r));
	if (fstat(fd, &st) < 0)
		return -errno;
	found.id = st.st_ino;
	r = climb(fd, st.st_dev, st.st_ino, &found);
	if (r < 0)
		return r;
	*ret = found;
	return 0;
}
