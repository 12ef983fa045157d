/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is left of the kernel's interface for the event loop, the ledger and the end. Everything else is refused with
 * EPERM rather than by a signal: a call that was forgotten here then becomes an error message after which probes are
 * taken down in order, where a signal would leave them.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "guard/confine.h"

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
	/* memory, signals, the end; who we are */
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
	/* the names of devices and namespaces that came later */
	SCMP_SYS(setns),
	SCMP_SYS(socket),
	SCMP_SYS(bind),
	SCMP_SYS(getsockname),
	SCMP_SYS(setsockopt),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
};

/* For what is armed later: tracefs may be no more than a mount of our own (src/kern/tracefs.h), types are a file in
 * memory (src/kern/core_btf.c). */
static const int arming[] = {
	SCMP_SYS(bpf),	  SCMP_SYS(perf_event_open), SCMP_SYS(setrlimit), SCMP_SYS(epoll_create1),
	SCMP_SYS(fsopen), SCMP_SYS(fsconfig),	     SCMP_SYS(fsmount),	  SCMP_SYS(memfd_create),
};

/* The counters of the ledger, and links and programs closed one by one. */
static const int bpf_commands[] = {
	BPF_MAP_LOOKUP_ELEM,  BPF_MAP_UPDATE_ELEM,    BPF_MAP_DELETE_ELEM,
	BPF_MAP_GET_NEXT_KEY, BPF_OBJ_GET_INFO_BY_FD, BPF_LINK_DETACH,
};

/* Looking at the programs of others. */
static const int bpf_asking[] = {
	BPF_PROG_QUERY,
	BPF_PROG_GET_FD_BY_ID,
	BPF_MAP_GET_FD_BY_ID,
	BPF_BTF_GET_FD_BY_ID,
};

static int add_calls(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	int r = 0;

	/* a call that this architecture does not have is passed over */
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

	if (r == 0 && needs->arms_on)
		r = add_calls(ctx, arming, ARRAY_SIZE(arming));
	else if (r == 0)
		r = add_bpf(ctx, bpf_commands, ARRAY_SIZE(bpf_commands));
	if (r == 0 && needs->asks_devices && !needs->arms_on)
		r = add_bpf(ctx, bpf_asking, ARRAY_SIZE(bpf_asking));
	if (r == 0 && needs->pings)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0);
	/* only of this thread: see src/kern/reader_nice.h */
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(setpriority), 2, SCMP_A0(SCMP_CMP_EQ, PRIO_PROCESS),
				     SCMP_A1(SCMP_CMP_EQ, 0));
	/* memory never becomes code */
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
	if (r == -ECANCELED) /* the kernel refused, and only errno says how */
		r = -errno;
	seccomp_release(ctx);
	return r;
}
