/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Least privilege. Attaching needs many privileges, and what follows needs few: records are read from memory that is
 * mapped already, probes go away with their descriptors, and root still owns what is deleted or restored at the end.
 * Only the bpf(2) calls that read the counters of losses still need a capability.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

/* A capability (capabilities(7)) and what it is for here. */
struct guard_capability {
	const char *name; /* "CAP_BPF" */
	unsigned number;
	const char *enables; /* one clause: "loads programs and maps" */
	const char *without; /* one clause: what does not work without it */
	bool needed;	     /* without it nothing works */
};
#define GUARD_CAPABILITIES 11
extern const struct guard_capability guard_capabilities[GUARD_CAPABILITIES];

/* Whether the capability is effective in this process. CAP_SYS_ADMIN includes CAP_BPF, CAP_PERFMON and CAP_SYSLOG,
 * which once were parts of it. */
bool guard_has(unsigned capability);
/* Whether this process runs in a user namespace other than the initial one: its capabilities do not allow tracing
 * there. */
bool guard_in_userns(void);

/* To be called first in the program: from then on no child and no exec can gain privileges. -EPERM with a reason if the
 * program is set-user-ID or set-group-ID: the administrator must allow tracing by capabilities or sudo, not by the
 * file's mode. -errno with a reason if the kernel refuses. */
int guard_start(struct reason *reason);

/* What a command does after it has attached, beyond reading the ring, writing to open files and detaching. */
struct guard_needs {
	bool opens_files;    /* opens new output files in the user's directories */
	bool attaches_more;  /* loads and attaches further programs, and visits namespaces to name what they see */
	bool attaches_funcs; /* attaches to further functions, by kprobe events at offsets that it reads from the code
			      */
	bool visits_netns;   /* visits namespaces to read sysctls, links, routes and counters */
	bool asks_devices;   /* visits namespaces to read the devices' counters, addresses and BPF programs */
	bool pings;	     /* opens further raw sockets */
};

#define GUARD_NO_FILTER 1 /* this kernel has no filters of system calls (CONFIG_SECCOMP_FILTER) */

/* To be called once everything is attached. Drops all capabilities for good except CAP_BPF, CAP_DAC_READ_SEARCH (of
 * users other than root) and those for the needs. System calls that neither the event loop nor the end of the program
 * needs then fail with EPERM. Open files stay usable. Only once: the first filter does not allow a second one. 0;
 * GUARD_NO_FILTER if only the capabilities could be dropped; -errno with a reason: capabilities that were dropped stay
 * dropped. */
int guard_confine(const struct guard_needs *needs, struct reason *reason);
