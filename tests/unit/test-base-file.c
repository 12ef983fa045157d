/* SPDX-License-Identifier: GPL-2.0-only */
/* What file_replace() does to what is there, tests/unit/test-cmd-files.c tries by the options. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/signals.h"

/* criterion's own descriptors are not touched: whoever tests is told by others than the first three */
Test(file, closed_standard_files_are_not_given_to_others)
{
	char byte = 0;
	int fd, saved = dup(STDERR_FILENO);

	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	file_hold_standard();
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	cr_expect_gt(fd, STDERR_FILENO);
	cr_expect(write(STDOUT_FILENO, &byte, 1) < 0 && errno == EBADF);
	cr_expect(write(STDERR_FILENO, &byte, 1) < 0 && errno == EBADF);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd);
}

Test(file, a_file_at_its_limit_is_an_error)
{
	char path[] = "/tmp/skbtrail-test-XXXXXX";
	struct rlimit limit = {.rlim_cur = 3, .rlim_max = RLIM_INFINITY}, old;
	int r;

	cr_assert_eq(close(mkstemp(path)), 0);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit.rlim_max = old.rlim_max;
	signals_ignore_write();
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	r = file_replace(path, "12345", 5);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	cr_expect_eq(r, -EFBIG);
	unlink(path);
}
