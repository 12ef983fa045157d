/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/tracefs/tracefs.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <string.h>
#include <unistd.h>

#include "base/pseudo_fs.h"
#include "guard/guard.h"

/* mounted: the error of opening the mount at its usual place */
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
	if (err == -EPERM && guard_in_userns())
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
	int mounted = pseudo_fs_open_mounted("/sys/kernel/tracing", TRACEFS_MAGIC), fd = mounted;

	if (fd < 0)
		fd = pseudo_fs_open_mounted("/sys/kernel/debug/tracing", TRACEFS_MAGIC);
	if (fd < 0)
		fd = pseudo_fs_open_detached("tracefs");
	return fd < 0 ? refused(fd, mounted, "tracefs", "/sys/kernel/tracing", reason) : fd;
}

int debugfs_open(struct reason *reason)
{
	int mounted = pseudo_fs_open_mounted("/sys/kernel/debug", DEBUGFS_MAGIC), fd = mounted;

	if (fd < 0)
		fd = pseudo_fs_open_detached("debugfs");
	return fd < 0 ? refused(fd, mounted, "debugfs", "/sys/kernel/debug", reason) : fd;
}
