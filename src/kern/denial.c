/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/denial.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "guard/guard.h"
#include "kern/account.h"
#include "kern/tracefs.h"

#define NO_BPF_COMMAND 0x7fffffff
#define TRIAL_BYTES    (64u << 20) /* twice the ring of a trace */
#define PARANOID_MAX   2	   /* Debian: from 3 on perf_event_open(2) takes CAP_SYS_ADMIN */
#define SECCOMP_FILTER 2	   /* as prctl(PR_GET_SECCOMP) has it */

void denial_text(const struct denial *d, char *ret, size_t size)
{
	if (d->lacks)
		snprintf(ret, size, "this process has no %s; run as root, in a container with the capability added",
			 d->lacks);
	else if (d->in_userns)
		snprintf(ret, size,
			 "this is a user namespace of its own (a rootless container), whose root may not trace; run as "
			 "root of the machine");
	else if (d->by_seccomp)
		snprintf(ret, size,
			 "a filter of system calls (the container's seccomp profile) refuses bpf(2); start it with a "
			 "profile that allows bpf and perf_event_open, or unconfined");
	else if (d->locked_down)
		snprintf(ret, size,
			 "the kernel is locked down (confidentiality); boot without lockdown=confidentiality");
	else if (d->by_memlock)
		snprintf(ret, size,
			 "this kernel counts maps as locked memory, whose limit is too small; run with "
			 "CAP_SYS_RESOURCE, or after ulimit -l unlimited");
	else if (d->roots_file)
		snprintf(ret, size, "it is root's; run as root, or with CAP_DAC_OVERRIDE");
	else if (d->paranoid > PARANOID_MAX)
		snprintf(ret, size,
			 "perf events take CAP_SYS_ADMIN here (kernel.perf_event_paranoid is %d); run as root, or set "
			 "it to %d",
			 d->paranoid, PARANOID_MAX);
	else
		snprintf(ret, size,
			 "a security module forbids it (active: %s); look into its log, or run where its policy allows "
			 "tracing",
			 d->lsms ? d->lsms : "not known");
}

static int read_securityfs(const char *file, struct buf *ret)
{
	_cleanup_close_ int dir = securityfs_open();

	return dir < 0 ? dir : tracefs_read(dir, file, ret);
}

/* "none [integrity] confidentiality": the brackets mark the one in force. */
bool denial_locked_down(void)
{
	_cleanup_buf_ struct buf b = {0};

	return read_securityfs("lockdown", &b) == 0 && strstr(b.data, "[confidentiality]");
}

/* The initial one maps all ids to themselves (kernel/user.c, init_user_ns). */
bool denial_in_userns(void)
{
	_cleanup_buf_ struct buf b = {0};
	unsigned inside, outside, count;

	return buf_read_file("/proc/self/uid_map", &b) == 0 &&
	       sscanf(b.data, "%u %u %u", &inside, &outside, &count) == 3 && (inside || outside || count != UINT32_MAX);
}

/* The kernel answers a command that it does not have with EINVAL. */
static bool refused_by_seccomp(void)
{
	return prctl(PR_GET_SECCOMP) == SECCOMP_FILTER && syscall(SYS_bpf, NO_BPF_COMMAND, NULL, 0) < 0 &&
	       errno != EINVAL;
}

static int perf_paranoid(void)
{
	_cleanup_buf_ struct buf b = {0};

	return !guard_has(CAP_SYS_ADMIN) && buf_read_file("/proc/sys/kernel/perf_event_paranoid", &b) == 0
		       ? atoi(b.data)
		       : 0;
}

/* A map above the limit is refused before anything is allocated (kernel/bpf/syscall.c, bpf_map_charge_init()). */
static bool locked_memory_limited(void)
{
	_cleanup_close_ int map = -1;
	struct rlimit limit;

	if (kernel_at_least(5, 11) || guard_has(CAP_SYS_RESOURCE) || getrlimit(RLIMIT_MEMLOCK, &limit) < 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return false;
	map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "skbtrail_trial", 0, 0, TRIAL_BYTES, NULL);
	return map == -EPERM;
}

void denial_look(int err, char *ret, size_t size)
{
	static const char *const lacks[2][2] = {{NULL, "CAP_PERFMON"}, {"CAP_BPF", "CAP_BPF and CAP_PERFMON"}};
	_cleanup_buf_ struct buf lsms = {0};
	struct denial d = {
		.lacks = lacks[!guard_has(CAP_BPF)][!guard_has(CAP_PERFMON)],
		.in_userns = denial_in_userns(),
		.by_seccomp = refused_by_seccomp(),
		.locked_down = denial_locked_down(),
		.by_memlock = err == -EPERM && locked_memory_limited(),
		.roots_file = err == -EACCES && geteuid() != 0 && !guard_has(CAP_DAC_OVERRIDE),
		.paranoid = perf_paranoid(),
	};

	if (read_securityfs("lsm", &lsms) == 0)
		d.lsms = lsms.data;
	denial_text(&d, ret, size);
}
