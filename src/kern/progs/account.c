/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/progs/account.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/kernel_version.h"

/* struct bpf_link_info since 6.7: kprobe_multi and perf_event.kprobe have the u64 `missed` at offset 32 of the whole
 * structure (include/uapi/linux/bpf.h); older headers lack it. */
#define LINK_INFO_MISSED_OFF   32
#define LINK_INFO_BYTES_MISSED 40
/* struct bpf_prog_info: recursion_misses since 5.12. */
#define PROG_INFO_BYTES_RUN_TIME (offsetof(struct bpf_prog_info, run_time_ns) + sizeof(__u64))
#define PROG_INFO_BYTES_MISSES	 (offsetof(struct bpf_prog_info, recursion_misses) + sizeof(__u64))

/* Returns how many bytes the kernel has filled, or -errno. */
static int info_by_fd(int fd, void *info, uint32_t size_bytes)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = size_bytes;
	attr.info.info = (uintptr_t)info;
	if (syscall(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) < 0)
		return -errno;
	return attr.info.info_len;
}

int account_recursion(int prog_fd, uint64_t *lost)
{
	struct bpf_prog_info info;
	int r;

	memset(&info, 0, sizeof(info));
	r = info_by_fd(prog_fd, &info, PROG_INFO_BYTES_MISSES);
	if (r < 0)
		return r;
	if ((size_t)r < PROG_INFO_BYTES_MISSES)
		return 0;
	*lost += info.recursion_misses;
	return 1;
}

int account_run_time(int prog_fd, uint64_t *ns)
{
	struct bpf_prog_info info;
	int r;

	memset(&info, 0, sizeof(info));
	r = info_by_fd(prog_fd, &info, PROG_INFO_BYTES_RUN_TIME);
	if (r < 0)
		return r;
	*ns += info.run_time_ns;
	return 0;
}

int account_link_missed(int link_fd, uint64_t *lost)
{
	uint64_t info[32] = {0};
	int r;

	if (!kernel_version_at_least(6, 7))
		return 0;
	r = info_by_fd(link_fd, info, sizeof(info));
	if (r < 0)
		return r;
	if (r < LINK_INFO_BYTES_MISSED)
		return 0;
	*lost += info[LINK_INFO_MISSED_OFF / sizeof(info[0])];
	return 1;
}
