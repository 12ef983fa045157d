/* SPDX-License-Identifier: GPL-2.0-only */
/* What cannot be tested under user-mode emulation of another architecture (./run arm64). */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdbool.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"

/* It knows neither this ioctl nor all of rtnetlink. */
static inline bool is_emulated(void)
{
	_cleanup_close_ int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	return ioctl(fd, NS_GET_NSTYPE) < 0 && errno == ENOSYS;
}
