/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two switches of the kernel silence probes without a word, and nothing counts what is missed then:
 * kernel.ftrace_enabled what stands at ftrace's sites (kprobe.multi, fentry and fexit programs), kprobes/enabled of
 * debugfs all kprobes (kernel/trace/ftrace.c, ftrace_enable_sysctl(); kernel/kprobes.c, arm_all_kprobes()). And a
 * program that is attached by fentry while ftrace is off has ftrace shut itself down for good when it goes, with a
 * warning (seen on 6.12).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

struct switches {
	int ftrace, kprobes;  /* descriptors; -1: not read */
	const char *silenced; /* which was found off, one clause; NULL: none */
	uint64_t looked_ns;
};

/* With kprobes, that switch matters, too. -EBUSY with a reason if one is off. What cannot be read is taken for on: a
 * kernel without the switch, or another user than root. On failure there is nothing to close. */
int switches_open(struct switches *s, bool kprobes, struct reason *reason);
/* While probes are armed: notes one that was switched off meanwhile, also if it is on again later. Looks no more than
 * ten times a second. */
void switches_look(struct switches *s);
/* At the end, looking once more: which was found off, or NULL. */
const char *switches_silenced(struct switches *s);
void switches_close(struct switches *s);
