/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pseudo file systems (tracefs, debugfs, securityfs), mounted or not. The functions return a descriptor of the root
 * directory, for openat(2); the caller closes it.
 */
#pragma once

/* The directory at path, if it is the root of a mount whose statfs(2) type is magic (linux/magic.h). -ENOENT if another
 * file system is there, or -errno. */
int pseudo_fs_open_mounted(const char *path, unsigned long magic);
/* A new mount of the type ("tracefs") that is not attached to any directory: it ends when the descriptor is closed, so
 * nothing is left behind. Needs fsopen(2), Linux 5.2. -EPERM without CAP_SYS_ADMIN, -ENODEV if the kernel lacks the
 * type, -ENOSYS, or another -errno. */
int pseudo_fs_open_detached(const char *type);
