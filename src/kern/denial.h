/* SPDX-License-Identifier: GPL-2.0-only */
/* Why the kernel says EPERM to who traces, as far as it can be told from outside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What could be the cause, in the order in which it is looked for. */
struct denial {
	const char *lacks; /* capabilities that are not in effect, "CAP_BPF and CAP_PERFMON"; NULL: none is missing */
	bool in_userns;	   /* of a user namespace of its own, where capabilities do not count for tracing */
	bool by_seccomp;   /* a filter of system calls refuses bpf(2) */
	bool locked_down;  /* lockdown=confidentiality */
	bool by_memlock;   /* maps count as locked memory (before 5.11), which has a limit and no CAP_SYS_RESOURCE */
	bool roots_file;   /* a file that is root's was refused to another user (EACCES) */
	int paranoid;	   /* kernel.perf_event_paranoid, where CAP_SYS_ADMIN is lacking; 0: not so */
	const char *lsms;  /* security modules that are active, "lockdown,capability"; NULL: not known */
};

/* The cause and what to do about it, "CAUSE; REMEDY", cut to size. */
void denial_text(const struct denial *d, char *ret, size_t size);

/* The same of this process and kernel, which said err (-EPERM or -EACCES). */
void denial_look(int err, char *ret, size_t size);

/* Whether this process is in a user namespace of its own. */
bool denial_in_userns(void);

/* Whether the kernel is locked down for confidentiality: asked of securityfs, mounted or not. */
bool denial_locked_down(void);
