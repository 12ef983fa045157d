/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/kernel_version.h"

#include <stdio.h>
#include <sys/utsname.h>

bool kernel_version_at_least(unsigned major, unsigned minor)
{
	unsigned have_major, have_minor;
	struct utsname u;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &have_major, &have_minor) != 2)
		return false;
	return have_major > major || (have_major == major && have_minor >= minor);
}
