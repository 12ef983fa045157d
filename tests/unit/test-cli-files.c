/* SPDX-License-Identifier: GPL-2.0-only */
/* Every option of every command that names a file: which are written is said here, those of a trace's are tried by
 * tests/vm/cases/72-files.sh, the others here: made for their owner only, and never through a symlink. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/exit.h"
#include "cli/outfile.h"
#include "cmd/commands.h"

#define RECORDING EXAMPLES_DIR "/redirect-peer.skbt"

enum use {
	READ,	 /* nothing is written there */
	LIVE,	 /* written once the kernel was looked at: by the guest's test */
	WRITTEN, /* a symlink is an error */
};

static const struct {
	const struct command *cmd;
	const char *option;
	enum use use;
} files[] = {
	{&cmd_trace, "write", LIVE},
	{&cmd_trace, "pcapng", LIVE},
	{&cmd_trace, "output-file", LIVE},
	{&cmd_trace, "ready-file", LIVE},
	{&cmd_trace, "kernel-btf", READ},
	{&cmd_check_same_node, "ready-file", LIVE},
	{&cmd_check_same_node, "junit", WRITTEN},
	{&cmd_check_same_node, "read", READ},
	{&cmd_check_same_node, "pcap", READ},
	{&cmd_check_path, "ready-file", LIVE},
	{&cmd_check_path, "junit", WRITTEN},
	{&cmd_check_path, "read", READ},
	{&cmd_check_path, "rules", READ},
	{&cmd_check_path, "kernel-btf", READ},
	{&cmd_report, "svg", WRITTEN},
	{&cmd_report, "html", WRITTEN},
	{&cmd_report, "pcapng", WRITTEN},
	{&cmd_report, "output-file", WRITTEN},
	{&cmd_funcs, "kernel-btf", READ},
};

static const struct command *const commands[] = {&cmd_trace,  &cmd_check_same_node, &cmd_check_path, &cmd_report,
						 &cmd_diff,   &cmd_funcs,	    &cmd_endpoints,  &cmd_doctor,
						 &cmd_explain};

static char dir[] = "/tmp/skbtrail-test-XXXXXX", path[PATH_MAX], target[PATH_MAX], rules[PATH_MAX];

static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(name, "we");

	cr_assert_not_null(f);
	cr_assert_geq(fputs(text, f), 0);
	cr_assert_eq(fclose(f), 0);
}

static void prepare(void)
{
	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	snprintf(target, sizeof(target), "%s/target", dir);
	snprintf(rules, sizeof(rules), "%s/rules", dir);
	write_text(rules, "packet 10.0.0.133 -> 10.0.0.67 icmp\nexpect ip_rcv\n");
	umask(0);
	/* what the commands show */
	cr_assert_not_null(freopen("/dev/null", "we", stdout));
}

static void clear(void)
{
	unlink(path);
	unlink(target);
	unlink(rules);
	rmdir(dir);
}

TestSuite(files, .init = prepare, .fini = clear);

/* As main() does, on that recording. */
static int run_on(const struct command *cmd, const char *option, const char *file, const char *from)
{
	char with_value[PATH_MAX + 64], by_rules[PATH_MAX + 16], read[PATH_MAX + 16], recording[PATH_MAX];
	char *argv[8] = {with_value}, src[] = "--src-ip=10.0.0.133", dst[] = "--dst-ip=10.0.0.67";
	struct reason reason = {0};
	bool help = false;
	void *opts = calloc(1, cmd->opts_size);
	int argc = 1, rest, status;

	snprintf(with_value, sizeof(with_value), "--%s=%s", option, file);
	snprintf(by_rules, sizeof(by_rules), "--rules=%s", rules);
	snprintf(read, sizeof(read), "--read=%s", from);
	snprintf(recording, sizeof(recording), "%s", from);
	if (cmd == &cmd_report) {
		argv[argc++] = recording;
	} else {
		argv[argc++] = read;
		argv[argc++] = cmd == &cmd_check_path ? by_rules : src;
	}
	if (cmd == &cmd_check_same_node)
		argv[argc++] = dst;
	cr_assert_not_null(opts);
	if (cmd->init)
		cmd->init(opts);
	rest = opts_parse(cmd, argc, argv, opts, &help, &reason);
	cr_assert_geq(rest, 0, "%s", reason.text);
	argv[rest] = NULL;
	status = cmd->run(opts, rest, argv);
	if (cmd->fini)
		cmd->fini(opts);
	free(opts);
	return status;
}

static int run(const struct command *cmd, const char *option, const char *file)
{
	return run_on(cmd, option, file, RECORDING);
}

static bool names_a_file(const struct opt *o)
{
	return o->arg && strstr(o->arg, "FILE");
}

Test(files, every_option_that_names_one_is_listed)
{
	size_t listed = 0;

	for (size_t c = 0; c < ARRAY_SIZE(commands); c++) {
		for (const struct opt *o = commands[c]->opts; o->name; o++) {
			bool found = false;

			for (size_t i = 0; i < ARRAY_SIZE(files); i++)
				found |= files[i].cmd == commands[c] && strcmp(files[i].option, o->name) == 0;
			cr_expect_eq(found, names_a_file(o), "%s --%s", commands[c]->name, o->name);
			listed += found;
		}
	}
	cr_expect_eq(listed, ARRAY_SIZE(files));
	cr_expect_eq(cmd_record.opts, cmd_trace.opts);
}

static void expect_private(const char *what)
{
	struct stat st;

	cr_assert_eq(lstat(path, &st), 0, "%s", what);
	cr_expect(S_ISREG(st.st_mode), "%s", what);
	cr_expect_eq(st.st_mode & 07777, 0600, "%s: mode %o", what, st.st_mode & 07777);
	cr_expect_gt(st.st_size, 0, "%s", what);
}

Test(files, are_their_owners_only)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (files[i].use != WRITTEN)
			continue;
		run(files[i].cmd, files[i].option, path);
		expect_private(files[i].option);
		/* also one that was there, for all to read */
		cr_assert_eq(chmod(path, 0666), 0);
		run(files[i].cmd, files[i].option, path);
		expect_private(files[i].option);
		cr_assert_eq(unlink(path), 0);
	}
}

Test(files, no_symlink_is_followed)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_buf_ struct buf got = {0};
		struct stat st;
		int status;

		if (files[i].use != WRITTEN)
			continue;
		write_text(target, "precious");
		cr_assert_eq(symlink(target, path), 0);
		status = run(files[i].cmd, files[i].option, path);
		cr_assert_eq(buf_read_file(target, &got), 0);
		cr_expect_str_eq(got.data, "precious", "%s", files[i].option);
		cr_assert_eq(lstat(path, &st), 0);
		cr_expect_eq(status, ST_EXIT_REFUSED, "%s", files[i].option);
		cr_expect(S_ISLNK(st.st_mode), "%s", files[i].option);
		/* nor one that leads nowhere */
		cr_assert_eq(unlink(path), 0);
		cr_assert_eq(unlink(target), 0);
		cr_assert_eq(symlink(target, path), 0);
		run(files[i].cmd, files[i].option, path);
		cr_expect_neq(access(target, F_OK), 0, "%s", files[i].option);
		cr_assert_eq(unlink(path), 0);
	}
}

/* A device, as /dev/null, is no less the machine's than what a symlink leads to. */
Test(files, a_fifo_is_written_into_and_stays)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct stat st;
		char byte;
		int fd;

		if (files[i].use != WRITTEN)
			continue;
		cr_assert_eq(mkfifo(path, 0600), 0);
		fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		cr_assert_geq(fd, 0);
		cr_assert_geq(fcntl(fd, F_SETPIPE_SZ, 1 << 20), 0);
		run(files[i].cmd, files[i].option, path);
		cr_expect_eq(read(fd, &byte, 1), 1, "%s", files[i].option);
		close(fd);
		cr_assert_eq(lstat(path, &st), 0);
		cr_expect(S_ISFIFO(st.st_mode), "%s", files[i].option);
		cr_assert_eq(unlink(path), 0);
	}
}

/* A mistyped command line shall not cost a recording. */
Test(files, what_is_read_is_not_written)
{
	_cleanup_buf_ struct buf recording = {0};

	cr_assert_eq(buf_read_file(RECORDING, &recording), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_buf_ struct buf after = {0};
		FILE *f;

		if (files[i].use != WRITTEN)
			continue;
		f = fopen(target, "we");
		cr_assert_not_null(f);
		cr_assert_eq(fwrite(recording.data, 1, recording.len, f), recording.len);
		cr_assert_eq(fclose(f), 0);
		cr_assert_eq(link(target, path), 0);
		cr_expect_eq(run_on(files[i].cmd, files[i].option, path, target), ST_EXIT_REFUSED, "%s",
			     files[i].option);
		cr_assert_eq(buf_read_file(target, &after), 0);
		cr_expect_eq(after.len, recording.len, "%s", files[i].option);
		cr_assert_eq(unlink(path), 0);
		cr_assert_eq(unlink(target), 0);
	}
}

Test(files, nobody_else_is_writing_it)
{
	struct reason reason = {0};
	int first, second = -1;

	cr_assert_eq(outfile_open("svg", path, &first, &reason), 0);
	cr_assert_eq(file_write(first, "whole", 5), 0);
	cr_expect_eq(outfile_open("html", path, &second, &reason), -EBUSY);
	cr_expect_eq(second, -1);
	cr_expect_not_null(strstr(reason.text, "--html="), "%s", reason.text);
	cr_expect_eq(lseek(first, 0, SEEK_END), 5);
	close(first);
	cr_expect_eq(outfile_open("html", path, &second, &reason), 0);
	close(second);
}
