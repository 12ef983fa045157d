// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: one allocation of a program finds no memory. FAIL_AT=N fails the Nth, and 0 none; with
 * FAIL_COUNT=FILE the number of all is written to FILE at the end. What the C library takes within itself is not seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wrap.h"

static atomic_ulong seen;
static unsigned long fail_at;

static bool fails(const void *caller)
{
	(void)caller;
	if (atomic_fetch_add(&seen, 1) + 1 != fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("FAIL_AT");

	fail_at = at ? strtoul(at, NULL, 10) : 0;
	atomic_store(&seen, 0);
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAIL_COUNT");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return;
	dprintf(fd, "%lu\n", atomic_load(&seen));
	close(fd);
}
