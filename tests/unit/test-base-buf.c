/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

Test(buf, a_file_up_to_its_bound)
{
	char path[] = "/tmp/skbtrail-test-XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);
	_cleanup_buf_ struct buf b = {0};

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, "12345", 5), 5);
	cr_expect_eq(buf_read_file_max(path, 4, &b), -EFBIG);
	cr_expect_null(b.data, "left alone");
	cr_expect_eq(buf_read_file_max(path, 5, &b), 0);
	cr_expect_str_eq(b.data, "12345");
	cr_expect_eq(b.len, 5);
	unlink(path);
}

Test(buf, a_device_without_an_end)
{
	_cleanup_buf_ struct buf b = {0};

	cr_expect_eq(buf_read_file_max("/dev/zero", 1 << 20, &b), -EFBIG);
	cr_expect_null(b.data);
}
