/* SPDX-License-Identifier: GPL-2.0-only */
/* Reports of checks that end without a verdict, and what they leave alone. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "cli/check_report.h"

static char path[64];

static void setup(void)
{
	strcpy(path, "/tmp/skbtrail-report.XXXXXX");
	cr_assert(mkdtemp(path));
	strcat(path, "/r.xml");
	cr_redirect_stdout();
	cr_redirect_stderr();
}

static void teardown(void)
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

TestSuite(check_report, .init = setup, .fini = teardown);

static void refuse(bool json, bool tap)
{
	struct check_end end = {.what = "same-node", .junit = path, .json = json, .tap = tap};
	struct reason reason = {.text = "no <such> device # TODO\n"};

	cr_expect_eq(check_report_refuse(&end, -ENODEV, &reason), ST_EXIT_REFUSED);
	fflush(stdout);
	fflush(stderr);
}

static const char *content(void)
{
	static struct buf buf;

	buf.len = 0;
	if (buf_read_file(path, &buf) < 0)
		return NULL;
	cr_assert_eq(buf_append(&buf, "", 1), 0);
	return buf.data;
}

Test(check_report, a_refusal_is_an_error_in_junit)
{
	const char *text;

	refuse(false, false);
	cr_expect_stderr_eq_str("skbtrail: no <such> device # TODO\\x0a\n");
	cr_expect_stdout_eq_str("");
	text = content();
	cr_assert_not_null(text);
	cr_expect(strstr(text, "tests=\"1\" failures=\"0\" errors=\"1\""), "%s", text);
	cr_expect(strstr(text, "<error type=\"refused\" message=\"no &lt;such&gt; device # TODO\\x0a\">"), "%s", text);
	cr_expect(strstr(text, "<property name=\"command\""), "%s", text);
	cr_expect_null(strstr(text, "name=\"kernel\""), "it is not said to be of this kernel: %s", text);
}

Test(check_report, a_refusal_in_json_has_no_verdict)
{
	refuse(true, false);
	cr_expect_stdout_eq_str(
		"{\"type\":\"check\",\"v\":1,\"check\":\"same-node\",\"verdict\":null,\"reasons\":[{\"code\":"
		"\"refused\",\"text\":\"no <such> device # TODO\\u000a\"}]}\n");
}

Test(check_report, a_refusal_in_tap_bails_out)
{
	refuse(false, true);
	cr_expect_stdout_eq_str("TAP version 13\n1..1\nnot ok 1 - same-node not judged\n"
				"Bail out! no <such> device \\# TODO\\\\x0a\n");
}

/* Of a command line that was not understood the file may be anything, a recording for instance. */
Test(check_report, a_refusal_replaces_reports_only)
{
	cr_assert_eq(file_replace(path, "SKBT", 4), 0);
	refuse(false, false);
	cr_expect_str_eq(content(), "SKBT");
	cr_assert_eq(file_replace(path, "<?xml old", 9), 0);
	refuse(false, false);
	cr_expect(strstr(content(), "refused"));
}

Test(check_report, an_earlier_report_is_removed_and_nothing_else)
{
	cr_assert_eq(file_replace(path, "<?xml old", 9), 0);
	check_report_begin(path);
	cr_expect_eq(access(path, F_OK), -1);
	check_report_begin(path);
	check_report_begin(NULL);
	cr_assert_eq(file_replace(path, "notes", 5), 0);
	check_report_begin(path);
	cr_expect_str_eq(content(), "notes");
	unlink(path);
	cr_assert_eq(symlink("/etc/hostname", path), 0);
	check_report_begin(path);
	cr_expect_eq(readlink(path, (char[64]){0}, 64), 13);
}
