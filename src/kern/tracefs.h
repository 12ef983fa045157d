/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracing file system, mounted or not.
 *
 * Where no mount is found at the usual places, a detached one is made with fsopen(2) (5.2): it belongs to the returned
 * descriptor and vanishes with it, so nothing is left behind. Use the descriptor with openat(2).
 */
#pragma once

#include "base/buf.h"
#include "base/reason.h"

/* A directory descriptor of tracefs, to be closed by the caller. -EACCES (mounted, and root's), -EPERM (not mounted,
 * and CAP_SYS_ADMIN is lacking or a security module forbids it), -ENODEV (a kernel without it), -ENOSYS; with a reason.
 */
int tracefs_open(struct reason *reason);
/* The same for debugfs, whose kprobes/blacklist and kprobes/list are of use. */
int debugfs_open(struct reason *reason);

/* The same for securityfs, which tells of lockdown and security modules; without a reason. */
int securityfs_open(void);

/* Reads a whole file below dirfd. -errno; *ret is then left alone. */
int tracefs_read(int dirfd, const char *path, struct buf *ret);
