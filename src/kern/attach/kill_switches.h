/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two switches of the kernel silence probes, and nothing counts what the probes miss then. The sysctl
 * kernel.ftrace_enabled silences all at ftrace's sites: kprobe.multi, fentry and fexit programs (kernel/trace/ftrace.c,
 * ftrace_enable_sysctl()). kprobes/enabled in debugfs silences all kprobes (kernel/kprobes.c, arm_all_kprobes()).
 *
 * If a fentry program is attached while ftrace is off, ftrace shuts itself down for good when the program is detached,
 * with a warning in the log (seen on 6.12).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

struct kill_switches {
	int ftrace, kprobes;  /* descriptors; -1: not read */
	const char *silenced; /* static, one clause: which one was found off; NULL: none */
	uint64_t looked_ns;   /* CLOCK_MONOTONIC: the last look at them */
};

/* kprobes: whether that switch matters as well. -EBUSY with a reason if a switch is off, -ENODEV if ftrace has shut
 * itself down. A switch that cannot be read counts as on: the kernel has none, or the user is not root. On failure
 * there is nothing to close. */
int kill_switches_open(struct kill_switches *s, bool kprobes, struct reason *reason);
/* To be called often while probes are attached: remembers a switch that is off now, even if it is on again later. Reads
 * the switches at most ten times a second. */
void kill_switches_look(struct kill_switches *s);
/* Reads the switches once more. The clause that says which one was found off, static; or NULL. */
const char *kill_switches_silenced(struct kill_switches *s);
void kill_switches_close(struct kill_switches *s);
