/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/tracefs/instance_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kern/error/kern_error.h"

int instance_lock_open(int tracefs, struct reason *reason)
{
	int fd = openat(tracefs, "kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd >= 0 || !reason)
		return fd < 0 ? -errno : fd;
	return kern_error_set(-errno, "open kprobe_events in tracefs (CONFIG_KPROBE_EVENTS)", reason);
}

/* A lock of the open file description (3.15). One of the process would be released by closing any descriptor of the
 * file. */
int instance_lock_take(int fd, uint64_t number)
{
	struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)number, .l_len = 1};

	return fcntl(fd, F_OFD_SETLK, &byte) < 0 ? -errno : 0;
}

/* Our pid, or the next number that is free: an instance in another PID namespace may have the same pid. */
int instance_lock_join(int tracefs, int fd, uint64_t *ret_number)
{
	for (uint64_t number = getpid();; number++) {
		int r = instance_lock_take(fd, number);
		struct stat st;
		char path[64];

		if (r < 0 && r != -EAGAIN)
			return r;
		snprintf(path, sizeof(path), "events/" INSTANCE_GROUP_PREFIX "%" PRIu64, number);
		if (r < 0 || fstatat(tracefs, path, &st, 0) == 0)
			continue;
		if (errno != ENOENT)
			return -errno;
		*ret_number = number;
		return 0;
	}
}

char *instance_lock_parse_event(char *line, uint64_t *ret_number, size_t *ret_event)
{
	char *name = strstr(line, ":" INSTANCE_GROUP_PREFIX), *end;
	uint64_t number;

	if (!name || (line[0] != 'p' && line[0] != 'r'))
		return NULL;
	name++;
	name[strcspn(name, " ")] = '\0';
	number = strtoull(name + strlen(INSTANCE_GROUP_PREFIX), &end, 10);
	if (number == INSTANCE_LOCK_RCU_EXPEDITED || strncmp(end, "/s", 2) != 0)
		return NULL;
	*ret_number = number;
	*ret_event = strtoull(end + 2, NULL, 10);
	return name;
}

int instance_lock_delete_event(int fd, const char *name)
{
	char line[128];
	int len = snprintf(line, sizeof(line), "-:%s\n", name);

	return write(fd, line, len) == len ? 0 : -errno;
}
