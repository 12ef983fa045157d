/* SPDX-License-Identifier: GPL-2.0-only */
#include <assert.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "guard/guard.h"
#include "guard/guard_private.h"

static_assert(CAP_LAST_CAP < 64, "two words hold all capabilities");

const struct guard_capability guard_capabilities[GUARD_CAPABILITIES] = {
	{"CAP_BPF", CAP_BPF, "loads programs and maps, reads their counters", "nothing can be traced", true},
	{"CAP_PERFMON", CAP_PERFMON, "lets programs read kernel memory, attaches them", "nothing can be traced", true},
	{"CAP_SYSLOG", CAP_SYSLOG, "shows addresses in /proc/kallsyms", "no function can be found"},
	{"CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH, "reads tracefs and debugfs, which are root's",
	 "a user other than root cannot trace"},
	{"CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE, "writes kprobe events, which are root's",
	 "a user other than root traces by kprobe.multi only"},
	{"CAP_SYS_RAWIO", CAP_SYS_RAWIO, "reads the kernel's code in /proc/kcore", "kprobes attach more slowly"},
	{"CAP_SYS_ADMIN", CAP_SYS_ADMIN, "visits other namespaces, lists BPF programs",
	 "no pods' ends are found: no endpoints, no check by address"},
	{"CAP_SYS_PTRACE", CAP_SYS_PTRACE, "sees other users' processes' namespaces",
	 "namespaces without a name under /run/netns are not found"},
	{"CAP_NET_ADMIN", CAP_NET_ADMIN, "reads what sits on devices", "no tc and XDP programs are named"},
	{"CAP_NET_RAW", CAP_NET_RAW, "sends the check's own pings", "--ping is refused"},
	{"CAP_SYS_RESOURCE", CAP_SYS_RESOURCE, "raises the limit on locked memory",
	 "before 5.11 nothing can be loaded"},
};

static int caps_get(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capget, &header, data) < 0 ? -errno : 0;
}

static bool in_effect(unsigned capability)
{
	struct __user_cap_data_struct data[2];

	return caps_get(data) == 0 && data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

bool guard_has(unsigned capability)
{
	if (in_effect(capability))
		return true;
	/* CAP_BPF, CAP_PERFMON: Linux 5.8; CAP_SYSLOG: 2.6.37 */
	return (capability == CAP_BPF || capability == CAP_PERFMON || capability == CAP_SYSLOG) &&
	       in_effect(CAP_SYS_ADMIN);
}

/* The initial user namespace maps every id to itself (kernel/user.c, init_user_ns). */
bool guard_in_userns(void)
{
	_cleanup_buf_ struct buf b = {0};
	unsigned inside, outside, count;

	return buf_read_file("/proc/self/uid_map", &b) == 0 &&
	       sscanf(b.data, "%u %u %u", &inside, &outside, &count) == 3 && (inside || outside || count != UINT32_MAX);
}

int caps_keep_few(const struct guard_needs *needs)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	uint64_t few = 1ull << CAP_BPF;
	int r = caps_get(data);

	if (r < 0)
		return r;
	if (needs->opens_files)
		few |= 1ull << CAP_DAC_OVERRIDE;
	if (needs->attaches_more)
		few |= 1ull << CAP_PERFMON | 1ull << CAP_SYS_ADMIN | 1ull << CAP_SYS_PTRACE | 1ull << CAP_SYSLOG;
	if (needs->visits_netns)
		few |= 1ull << CAP_SYS_ADMIN | 1ull << CAP_SYS_PTRACE;
	if (needs->attaches_funcs)
		few |= 1ull << CAP_SYS_RAWIO | (geteuid() != 0 ? 1ull << CAP_DAC_OVERRIDE : 0);
	/* CAP_SYSLOG: without it the kernel hides the code of programs (kernel/bpf/syscall.c, bpf_dump_raw_ok()) */
	if (needs->asks_devices)
		few |= 1ull << CAP_SYS_ADMIN | 1ull << CAP_SYS_PTRACE | 1ull << CAP_SYSLOG | 1ull << CAP_NET_ADMIN;
	if (needs->pings)
		few |= 1ull << CAP_NET_RAW;
	/* root alone may read kprobe_profile; the files that tell a pod's name may belong to another user */
	if (geteuid() != 0 || needs->attaches_more || needs->asks_devices || needs->visits_netns)
		few |= 1ull << CAP_DAC_READ_SEARCH;
	for (unsigned i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(few >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 || syscall(SYS_capset, &header, data) < 0)
		return -errno;
	return 0;
}
