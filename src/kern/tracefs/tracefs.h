/* SPDX-License-Identifier: GPL-2.0-only */
/* tracefs and debugfs, at their usual place or else by a detached mount of our own (base/pseudo_fs.h). */
#pragma once

#include "base/reason.h"

/* A descriptor of tracefs's root directory, which the caller closes. With a reason: -EACCES (it is mounted, and only
 * root may read it), -EPERM (it is not mounted, and without CAP_SYS_ADMIN, or by a security module's policy, we may not
 * mount it), -ENODEV (the kernel has none), -ENOSYS. */
int tracefs_open(struct reason *reason);
/* A descriptor of debugfs's root directory, with the same errors. Its kprobes/blacklist and kprobes/enabled are used.
 */
int debugfs_open(struct reason *reason);
