/* SPDX-License-Identifier: GPL-2.0-only */
/* Why the kernel answered EPERM or EACCES, as far as user space can find out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The possible causes; the first one that is true is reported. */
struct eperm_causes {
	const char *lacks; /* capabilities that are not effective, "CAP_BPF and CAP_PERFMON"; NULL: none is missing */
	bool in_userns;	   /* in a user namespace other than the initial one, whose capabilities do not allow tracing */
	bool by_seccomp;   /* a filter of system calls refuses bpf(2) */
	bool locked_down;  /* lockdown=confidentiality */
	bool by_memlock;  /* maps count as locked memory (before 5.11) and exceed RLIMIT_MEMLOCK; no CAP_SYS_RESOURCE */
	bool roots_file;  /* another user may not open a file of root (EACCES) */
	int paranoid;	  /* kernel.perf_event_paranoid, if CAP_SYS_ADMIN is missing; else 0 */
	const char *lsms; /* active security modules, "lockdown,capability"; NULL: unknown */
};

/* The cause and what to do about it, "CAUSE; REMEDY", truncated to size bytes. */
void eperm_text(const struct eperm_causes *d, char *ret, size_t size);

/* The text for err (-EPERM or -EACCES), after the causes were looked for in this process and kernel. */
void eperm_explain(int err, char *ret, size_t size);

/* Whether the kernel is locked down for confidentiality. Reads securityfs, which need not be mounted. */
bool eperm_locked_down(void);
