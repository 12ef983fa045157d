/* SPDX-License-Identifier: GPL-2.0-only */
/* Giving up privileges is for good, so each test is a child's. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/confine.h"

/* As a kernel without CONFIG_SECCOMP_FILTER answers. */
static bool take_filters_away(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	return ctx &&
	       seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
				SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP)) == 0 &&
	       seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0) == 0 && seccomp_load(ctx) == 0;
}

/* What is tried when privileges are gone: 0, or the number of what is not as it should be. */
static int confined(void)
{
	if (socket(AF_INET, SOCK_DGRAM, 0) < 0)
		return 3;
	if (fork() >= 0 || errno != EPERM)
		return 4;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 || errno != EPERM ? 5 : 0;
}

/* The child's end and what it said on standard error. */
static int in_child(bool filters, char said[static 256])
{
	int fds[2], status = -1;
	ssize_t n, len = 0;
	pid_t pid;

	cr_assert_eq(pipe(fds), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		struct reason reason = {0};
		int r;

		dup2(fds[1], STDERR_FILENO);
		if (!filters && !take_filters_away())
			_exit(1);
		r = confine(&(struct guard_needs){0}, &reason);
		if (r < 0)
			fprintf(stderr, "%s", reason.text);
		fflush(stderr);
		_exit(r < 0 ? 2 : filters ? confined() : 0);
	}
	close(fds[1]);
	while ((n = read(fds[0], said + len, 255 - (size_t)len)) > 0)
		len += n;
	said[len] = '\0';
	close(fds[0]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(confine, calls_are_refused_and_nothing_is_said)
{
	char said[256];

	cr_expect_eq(in_child(true, said), 0);
	cr_expect_str_empty(said);
}

Test(confine, a_kernel_without_filters_is_not_passed_over)
{
	char said[256];

	cr_expect_eq(in_child(false, said), 0, "%s", said);
	cr_expect_eq(strncmp(said, "skbtrail: this kernel has no filters of system calls", 52), 0, "%s", said);
	cr_expect_eq(strchr(said, '\n'), said + strlen(said) - 1, "one line: %s", said);
}
