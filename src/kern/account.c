/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/account.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bpf/event.h"

/* struct bpf_link_info of 6.7 and newer: u64 missed follows the other members of kprobe_multi and of
 * perf_event.kprobe at offset 32 of the whole (include/uapi/linux/bpf.h; older headers lack it). */
#define LINK_INFO_MISSED_OFF   32
#define LINK_INFO_BYTES_MISSED 40
/* struct bpf_prog_info: recursion_misses since 5.12. */
#define PROG_INFO_BYTES_RUN_TIME (offsetof(struct bpf_prog_info, run_time_ns) + sizeof(__u64))
#define PROG_INFO_BYTES_MISSES	 (offsetof(struct bpf_prog_info, recursion_misses) + sizeof(__u64))

/* Returns the size the kernel filled, or -errno. */
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

	if (!kernel_at_least(6, 7))
		return 0;
	r = info_by_fd(link_fd, info, sizeof(info));
	if (r < 0)
		return r;
	if (r < LINK_INFO_BYTES_MISSED)
		return 0;
	*lost += info[LINK_INFO_MISSED_OFF / sizeof(info[0])];
	return 1;
}

bool kernel_at_least(unsigned major, unsigned minor)
{
	unsigned have_major, have_minor;
	struct utsname u;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &have_major, &have_minor) != 2)
		return false;
	return have_major > major || (have_major == major && have_minor >= minor);
}

int account_ring(const struct bpf_map *counters, const struct seq_track *seq, struct ledger *ledger)
{
	uint32_t n_sources = bpf_map__max_entries(counters);
	int n_cpus = libbpf_num_possible_cpus();
	_cleanup_free_ struct st_counters *c = NULL;
	uint64_t refused = 0, missing = seq->gaps + seq->disorder;

	if (n_cpus < 0)
		return n_cpus;
	c = calloc(n_cpus, sizeof(*c));
	if (!c)
		return -ENOMEM;
	for (uint32_t source = 0; source < n_sources; source++) {
		int r = bpf_map__lookup_elem(counters, &source, sizeof(source), c, n_cpus * sizeof(*c), 0);

		if (r < 0)
			return r;
		for (int cpu = 0; cpu < n_cpus; cpu++) {
			refused += c[cpu].lost_ring;
			ledger->limited += c[cpu].limited;
			missing += seq_tail(seq, source, cpu, c[cpu].seq);
		}
	}
	/* the two should agree; if they do not, the larger is the safe one */
	ledger->lost_ring += refused > missing ? refused : missing;
	return 0;
}
