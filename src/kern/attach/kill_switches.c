/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/kill_switches.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "kern/tracefs/tracefs.h"

#define LOOK_NS 100000000ull

enum state { ON, OFF, DEAD };

/* Reading fails with ENODEV after ftrace has shut itself down. */
static enum state read_state(int fd)
{
	char c = '1';

	if (fd < 0)
		return ON;
	if (pread(fd, &c, 1, 0) < 0)
		return errno == ENODEV ? DEAD : ON;
	return c == '0' ? OFF : ON;
}

int kill_switches_open(struct kill_switches *s, bool kprobes, struct reason *reason)
{
	_cleanup_close_ int ftrace = open("/proc/sys/kernel/ftrace_enabled", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int debugfs = kprobes ? debugfs_open(NULL) : -1;
	_cleanup_close_ int enabled = debugfs < 0 ? -1 : openat(debugfs, "kprobes/enabled", O_RDONLY | O_CLOEXEC);

	switch (read_state(ftrace)) {
	case OFF:
		return reason_set(reason, -EBUSY,
				  "ftrace is switched off, and with it what probes functions; "
				  "sysctl kernel.ftrace_enabled=1");
	case DEAD:
		return reason_set(reason, -ENODEV,
				  "ftrace has shut itself down after a fault (see dmesg), and probes no function "
				  "until the machine is booted again");
	case ON:
		break;
	}
	if (read_state(enabled) == OFF)
		return reason_set(reason, -EBUSY,
				  "all kprobes are switched off; echo 1 > /sys/kernel/debug/kprobes/enabled");
	*s = (struct kill_switches){.ftrace = TAKE_FD(ftrace), .kprobes = TAKE_FD(enabled)};
	return 0;
}

static void note(struct kill_switches *s)
{
	if (!s->silenced && read_state(s->ftrace) != ON)
		s->silenced = "ftrace was switched off meanwhile (kernel.ftrace_enabled), and the probes silent";
	if (!s->silenced && read_state(s->kprobes) == OFF)
		s->silenced = "kprobes were switched off meanwhile (kprobes/enabled), and silent";
}

void kill_switches_look(struct kill_switches *s)
{
	uint64_t now_ns = clock_monotonic_ns();

	if (now_ns - s->looked_ns < LOOK_NS)
		return;
	s->looked_ns = now_ns;
	note(s);
}

const char *kill_switches_silenced(struct kill_switches *s)
{
	note(s);
	return s->silenced;
}

void kill_switches_close(struct kill_switches *s)
{
	closep(&s->ftrace);
	closep(&s->kprobes);
}
