/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/error/eperm.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/magic.h>
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
#include "base/kernel_version.h"
#include "base/pseudo_fs.h"
#include "guard/guard.h"

#define NO_BPF_COMMAND 0x7fffffff
#define TRIAL_BYTES    (64u << 20) /* twice the size of a trace's ring */
#define PARANOID_MAX   2	   /* Debian's kernels: above it perf_event_open(2) requires CAP_SYS_ADMIN */
#define SECCOMP_FILTER 2	   /* what prctl(PR_GET_SECCOMP) returns in a process with a filter */

void eperm_text(const struct eperm_causes *d, char *ret, size_t size)
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
	_cleanup_close_ int mounted = pseudo_fs_open_mounted("/sys/kernel/security", SECURITYFS_MAGIC);
	_cleanup_close_ int detached = mounted < 0 ? pseudo_fs_open_detached("securityfs") : -1;
	int dir = mounted < 0 ? detached : mounted;

	return dir < 0 ? dir : buf_read_at(dir, file, ret);
}

/* "none [integrity] confidentiality": the brackets mark the one in force. */
bool eperm_locked_down(void)
{
	_cleanup_buf_ struct buf b = {0};

	return read_securityfs("lockdown", &b) == 0 && strstr(b.data, "[confidentiality]");
}

/* Calls bpf(2) with a command that does not exist: the kernel itself answers EINVAL. */
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

/* Tries to make a large map. The kernel checks the limit before it allocates (kernel/bpf/syscall.c,
 * bpf_map_charge_init()). */
static bool locked_memory_limited(void)
{
	_cleanup_close_ int map = -1;
	struct rlimit limit;

	if (kernel_version_at_least(5, 11) || guard_has(CAP_SYS_RESOURCE) || getrlimit(RLIMIT_MEMLOCK, &limit) < 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return false;
	map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "skbtrail_trial", 0, 0, TRIAL_BYTES, NULL);
	return map == -EPERM;
}

void eperm_explain(int err, char *ret, size_t size)
{
	static const char *const lacks[2][2] = {{NULL, "CAP_PERFMON"}, {"CAP_BPF", "CAP_BPF and CAP_PERFMON"}};
	_cleanup_buf_ struct buf lsms = {0};
	struct eperm_causes d = {
		.lacks = lacks[!guard_has(CAP_BPF)][!guard_has(CAP_PERFMON)],
		.in_userns = guard_in_userns(),
		.by_seccomp = refused_by_seccomp(),
		.locked_down = eperm_locked_down(),
		.by_memlock = err == -EPERM && locked_memory_limited(),
		.roots_file = err == -EACCES && geteuid() != 0 && !guard_has(CAP_DAC_OVERRIDE),
		.paranoid = perf_paranoid(),
	};

	if (read_securityfs("lsm", &lsms) == 0)
		d.lsms = lsms.data;
	eperm_text(&d, ret, size);
}
