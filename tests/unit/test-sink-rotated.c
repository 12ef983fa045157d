/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "sink/rotated.h"

static char dir[] = "/tmp/skbtrail-test-XXXXXX", path[PATH_MAX], other[PATH_MAX];

static void make_dir(void)
{
	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/out", dir);
}

static void remove_dir(void)
{
	for (unsigned i = 0; i < ROTATED_FILES; i++) {
		snprintf(other, sizeof(other), i ? "%s.%u" : "%s", path, i);
		unlink(other);
	}
	snprintf(other, sizeof(other), "%s/victim", dir);
	unlink(other);
	rmdir(dir);
}

static void expect(unsigned number, const char *want)
{
	_cleanup_buf_ struct buf got = {0};

	snprintf(other, sizeof(other), number ? "%s.%u" : "%s", path, number);
	if (!want) {
		cr_expect_neq(access(other, F_OK), 0, "%s", other);
		return;
	}
	cr_assert_eq(buf_read_file(other, &got), 0, "%s", other);
	cr_expect_str_eq(got.data, want, "%s", other);
}

static void write_text(struct rotated *r, const char *text)
{
	_cleanup_out_ struct out o = {0};

	out_str(&o, text);
	cr_assert_eq(rotated_flush(r, &o), 0);
	cr_expect_eq(o.buf.len, 0);
}

TestSuite(rotated, .init = make_dir, .fini = remove_dir);

Test(rotated, lines_stay_whole_and_files_within_their_size)
{
	_cleanup_(rotated_freep) struct rotated *r = NULL;

	cr_assert_eq(rotated_open(path, 10, &r, NULL), 0);
	write_text(r, "one\ntwo\nthree\n");
	write_text(r, "four\n");
	write_text(r, "a line that is too long\nx\n");
	cr_assert_eq(rotated_close(r), 0);
	expect(0, "x\n");
	expect(1, "a line that is too long\n");
	expect(2, "four\n");
	expect(3, "three\n");
	expect(4, "one\ntwo\n");
	expect(5, NULL);
}

Test(rotated, the_oldest_goes)
{
	_cleanup_(rotated_freep) struct rotated *r = NULL;
	char line[] = "000\n";

	cr_assert_eq(rotated_open(path, 4, &r, NULL), 0);
	for (int i = 0; i < 15; i++) {
		snprintf(line, sizeof(line), "%03d", i);
		line[3] = '\n';
		write_text(r, line);
	}
	expect(0, "014\n");
	expect(9, "005\n");
	expect(10, NULL);
}

Test(rotated, each_begins_with_the_head)
{
	_cleanup_(rotated_freep) struct rotated *r = NULL;
	_cleanup_out_ struct out head = {0};

	cr_assert_eq(rotated_open(path, 8, &r, NULL), 0);
	out_str(&head, "HEAD\n");
	cr_assert_eq(rotated_head(r, &head), 0);
	cr_assert_eq(rotated_flush(r, &head), 0);
	write_text(r, "1\n2\n");
	expect(1, "HEAD\n1\n");
	expect(0, "HEAD\n2\n");
}

Test(rotated, for_the_owner_and_not_through_a_symlink)
{
	_cleanup_(rotated_freep) struct rotated *r = NULL;
	struct reason reason = {0};
	struct stat st;

	cr_assert_eq(rotated_open(path, 0, &r, NULL), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	unlink(path);
	snprintf(other, sizeof(other), "%s/victim", dir);
	cr_assert_eq(symlink(other, path), 0);
	cr_expect_eq(rotated_open(path, 0, &r, &reason), -ELOOP);
	cr_expect(strstr(reason.text, "symbolic link"), "%s", reason.text);
	cr_expect_neq(access(other, F_OK), 0);
}
