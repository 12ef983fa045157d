/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls that the event loop, the report of losses and the end of the program may use. All others fail with
 * EPERM. A signal instead would kill the program at a call that this list forgot, and leave its probes behind; after an
 * error it detaches them in order.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "guard/guard_private.h"

static const int allowed[] = {
	/* records, output, files of /proc, /sys and tracefs */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(pwrite64),
	SCMP_SYS(lseek),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(openat2),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getdents64),
	SCMP_SYS(fcntl),
	SCMP_SYS(dup),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(ioctl),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fallocate),
	SCMP_SYS(flock),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(umask),
	SCMP_SYS(fchmod),
	SCMP_SYS(copy_file_range),
	SCMP_SYS(sendfile),
	/* waiting */
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(sched_yield),
	SCMP_SYS(futex),
	SCMP_SYS(setitimer),
	SCMP_SYS(timerfd_settime),
	/* memory, signals, the end, the process's own ids and limits */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(membarrier),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(tgkill),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(uname),
	SCMP_SYS(sysinfo),
	SCMP_SYS(getrandom),
	SCMP_SYS(getrusage),
	SCMP_SYS(prlimit64),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(capget),
	/* names of devices and namespaces that appear later */
	SCMP_SYS(setns),
	SCMP_SYS(socket),
	SCMP_SYS(bind),
	SCMP_SYS(getsockname),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockopt),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
};

/* For programs that are attached later: tracefs may have to be mounted (src/kern/tracefs/tracefs.h), and libbpf reads
 * types from a file in memory (src/btf/min_core.c). */
static const int attaching[] = {
	SCMP_SYS(bpf),	  SCMP_SYS(perf_event_open), SCMP_SYS(setrlimit), SCMP_SYS(epoll_create1),
	SCMP_SYS(fsopen), SCMP_SYS(fsconfig),	     SCMP_SYS(fsmount),	  SCMP_SYS(memfd_create),
};

/* To read the counters of losses, and to close links and programs one by one. */
static const int bpf_commands[] = {
	BPF_MAP_LOOKUP_ELEM,  BPF_MAP_UPDATE_ELEM,    BPF_MAP_DELETE_ELEM,
	BPF_MAP_GET_NEXT_KEY, BPF_OBJ_GET_INFO_BY_FD, BPF_LINK_DETACH,
};

/* To look at the BPF programs of others. */
static const int bpf_asking[] = {
	BPF_PROG_QUERY,
	BPF_PROG_GET_FD_BY_ID,
	BPF_MAP_GET_FD_BY_ID,
	BPF_BTF_GET_FD_BY_ID,
};

static int add_calls(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	int r = 0;

	/* libseccomp ignores a call that this architecture does not have */
	for (size_t i = 0; i < n && r == 0; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

static int add_bpf(scmp_filter_ctx ctx, const int *commands, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(bpf), 1,
				     SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)commands[i]));
	return r;
}

static int add_rules(scmp_filter_ctx ctx, const struct guard_needs *needs)
{
	int r = add_calls(ctx, allowed, ARRAY_SIZE(allowed));

	if (r == 0 && needs->attaches_more)
		r = add_calls(ctx, attaching, ARRAY_SIZE(attaching));
	else if (r == 0)
		r = add_bpf(ctx, bpf_commands, ARRAY_SIZE(bpf_commands));
	if (r == 0 && needs->asks_devices && !needs->attaches_more)
		r = add_bpf(ctx, bpf_asking, ARRAY_SIZE(bpf_asking));
	if (r == 0 && needs->pings)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0);
	/* no memory may become executable */
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return r;
}

int syscalls_confine(const struct guard_needs *needs)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (!ctx)
		return -ENOMEM;
	r = add_rules(ctx, needs);
	if (r == 0)
		r = seccomp_load(ctx);
	if (r == -ECANCELED) /* the kernel refused: its error is in errno */
		r = -errno;
	seccomp_release(ctx);
	return r;
}
