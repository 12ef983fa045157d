/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/check_report.h"
#include "cli/exit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/version.h"

enum exit_status check_report_status(enum verdict verdict)
{
	static const enum exit_status status[] = {[VERDICT_PASS] = ST_EXIT_OK,
						  [VERDICT_FAIL] = ST_EXIT_FAIL,
						  [VERDICT_INCONCLUSIVE] = ST_EXIT_INCONCLUSIVE};

	return status[verdict];
}

int check_report_junit(const char *path, const struct out *report, struct reason *reason)
{
	int r;

	if (!path)
		return 0;
	r = report->failed ? -ENOMEM : file_replace(path, report->buf.data, report->buf.len);
	return r < 0 ? reason_set(reason, r, "--junit=%s: %s", path,
				  r == -ELOOP ? "it is a symbolic link" : strerror(-r))
		     : 0;
}

/* The words as they were typed, with blanks between them. */
static void read_command(char *ret, size_t size)
{
	_cleanup_close_ int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, ret, size - 1);

	for (n = n < 0 ? 0 : n; n && !ret[n - 1];)
		n--;
	for (ssize_t i = 0; i < n; i++)
		ret[i] = ret[i] ?: ' ';
	ret[n] = '\0';
}

void check_facts_fill(bool live, struct check_facts *ret)
{
	struct utsname u;

	ret->n = 0;
	read_command(ret->command, sizeof(ret->command));
	ret->properties[ret->n++] = (struct ci_property){"command", ret->command};
	ret->properties[ret->n++] = (struct ci_property){"version", version_tool};
	if (!live || uname(&u) < 0)
		return;
	snprintf(ret->kernel, sizeof(ret->kernel), "%s", u.release);
	ret->properties[ret->n++] = (struct ci_property){"kernel", ret->kernel};
}

/* Whether a regular file begins as a report does. */
static bool is_report(const char *path)
{
	static const char begin[] = "<?xml";
	char got[sizeof(begin) - 1];
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 && read(fd, got, sizeof(got)) == sizeof(got) && memcmp(got, begin, sizeof(got)) == 0;
}

/* Whether it is a regular file that is not empty. */
static bool has_content(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

void check_report_begin(const char *path)
{
	if (path && has_content(path) && is_report(path))
		unlink(path);
}

static void report_refusal(const struct check_end *end, const char *why)
{
	struct check_facts facts;
	struct reason ignored = {0};
	_cleanup_out_ struct out out = {0}, junit = {0};

	if (end->json)
		ci_json_refused(end->what, why, &out);
	else if (end->tap)
		ci_tap_refused(end->what, why, &out);
	out_flush_file(&out, stdout);
	if (!end->junit || (has_content(end->junit) && !is_report(end->junit)))
		return;
	check_facts_fill(end->live, &facts);
	ci_junit_refused(end->what, why, facts.properties, facts.n, &junit);
	(void)check_report_junit(end->junit, &junit, &ignored); /* the refusal itself has been said */
}

int check_report_refuse(const struct check_end *end, int err, const struct reason *reason)
{
	int status = exit_refuse(err, reason);

	report_refusal(end, reason && reason->text[0] ? reason->text : strerror(-err));
	return status;
}
