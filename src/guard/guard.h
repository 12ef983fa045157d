/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Least privilege. Arming takes much; what follows takes little: records are read from memory that is mapped already,
 * probes go away with their descriptors, and what is deleted or put back at the end belongs to root, who stays the
 * user. Only bpf(2), for the ledger's counters, still asks for a capability.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

/* A capability (capabilities(7)) and what it is for here. */
struct guard_capability {
	const char *name; /* "CAP_BPF" */
	unsigned number;
	const char *enables; /* one clause */
	const char *without; /* what is lost */
	bool needed;	     /* for anything at all */
};
#define GUARD_CAPABILITIES 11
extern const struct guard_capability guard_capabilities[GUARD_CAPABILITIES];

/* Whether the process has it in effect. CAP_SYS_ADMIN stands for what Linux 5.8 and 5.9 took out of it. */
bool guard_has(unsigned capability);

/* At the start of the program, before anything else: no child and no exec can gain privileges from here on. -EPERM with
 * a reason if the program was given other ids than its caller's, that is, is set-user-ID or set-group-ID: whoever may
 * trace must be said by capabilities or sudo, not by the file's mode. */
int guard_start(struct reason *reason);

/* What is done beyond reading the ring, writing to open files and taking the probes down. */
struct guard_needs {
	bool opens_files;  /* in the user's directories: output that goes on to new files */
	bool arms_on;	   /* loads and attaches further programs, and visits namespaces to name what they see */
	bool arms_trace;   /* functions, too: by kprobe events, at places that the kernel's code tells */
	bool asks_devices; /* visits namespaces for counters and addresses of devices, and for the programs on them */
	bool pings;	   /* opens further raw sockets */
};

#define GUARD_NO_FILTER 1 /* this kernel has no filters of system calls (CONFIG_SECCOMP_FILTER) */

/* Once all is armed: all capabilities are dropped for good, but for CAP_BPF, for CAP_DAC_READ_SEARCH of who is not
 * root, and for what the needs take; and system calls that the event loop and the end do not need are refused with
 * EPERM. Files that are open stay usable. Once only: the second filter is refused by the first. 0, or GUARD_NO_FILTER
 * with the capabilities dropped; -errno with a reason, what was dropped stays dropped. */
int guard_confine(const struct guard_needs *needs, struct reason *reason);
