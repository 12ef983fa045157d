/* SPDX-License-Identifier: GPL-2.0-only */
#include "guard/guard.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "guard/guard_private.h"

int guard_start(struct reason *reason)
{
	if (getuid() != geteuid() || getgid() != getegid())
		return reason_set(
			reason, -EPERM,
			"the program is set-user-ID or set-group-ID, and was not made for that: chmod ug-s it, "
			"and use sudo or capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return reason_set(reason, -errno, "cannot give up new privileges: %s", strerror(errno));
	return 0;
}

int guard_confine(const struct guard_needs *needs, struct reason *reason)
{
	int r = caps_keep_few(needs);

	if (r < 0)
		return reason_set(reason, r, "cannot drop capabilities: %s", strerror(-r));
	r = syscalls_confine(needs);
	/* EINVAL without CONFIG_SECCOMP_FILTER, ENOSYS without CONFIG_SECCOMP (kernel/seccomp.c); EOPNOTSUPP:
	 * libseccomp */
	if (r == -EINVAL || r == -ENOSYS || r == -EOPNOTSUPP)
		return GUARD_NO_FILTER;
	return r < 0 ? reason_set(reason, r, "cannot set the system call filter: %s", strerror(-r)) : 0;
}
