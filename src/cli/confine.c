/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/confine.h"

#include <stdio.h>

int confine(const struct guard_needs *needs, struct reason *reason)
{
	int r = guard_confine(needs, reason);

	if (r == GUARD_NO_FILTER)
		fputs("skbtrail: this kernel has no filters of system calls (CONFIG_SECCOMP_FILTER): only capabilities "
		      "were given up\n",
		      stderr);
	return r < 0 ? r : 0;
}
