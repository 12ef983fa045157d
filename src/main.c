/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of commands. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/signals.h"
#include "cmd/cmd.h"
#include "cmd/completion.h"
#include "cmd/profile.h"
#include "cmd/version.h"
#include "guard/guard.h"

#define MMAP_THRESHOLD_BYTES (128 << 10)

static const struct command_row commands[] = {
	{{"trace", NULL}, &cmd_trace},	      {{"check", "same-node"}, &cmd_check_same_node},
	{{"check", "path"}, &cmd_check_path}, {{"record", NULL}, &cmd_record},
	{{"report", NULL}, &cmd_report},      {{"diff", NULL}, &cmd_diff},
	{{"funcs", NULL}, &cmd_funcs},	      {{"endpoints", NULL}, &cmd_endpoints},
	{{"explain", NULL}, &cmd_explain},    {{"doctor", NULL}, &cmd_doctor},
};

static void help(void)
{
	printf("usage: skbtrail [trace] [OPTIONS] [PCAP-FILTER]\n       skbtrail COMMAND [OPTIONS]\n\n"
	       "Follows packets through the Linux kernel, and proves where they did not go.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-18s %s\n", commands[i].cmd->name, commands[i].cmd->summary);
	printf("\n'skbtrail COMMAND --help' lists a command's options; --version names the libraries.\n"
	       "Exit status: 0 done or PASS, 1 FAIL, 2 refused, 3 INCONCLUSIVE.\n");
}

static int run(const struct command *cmd, int argc, char **argv)
{
	_cleanup_(profile_args_free) struct profile_args args = {0};
	_cleanup_free_ void *opts = calloc(1, cmd->opts_size);
	struct reason reason = {0};
	bool want_help = false;
	int rest, status;

	if (!opts)
		return refuse(-ENOMEM, NULL);
	if (cmd->init)
		cmd->init(opts);
	rest = profile_args_expand(cmd, argc, argv, &args, &reason);
	if (rest >= 0)
		rest = opts_parse(cmd, args.argc, args.argv, opts, &want_help, &reason);
	if (rest < 0) {
		status = refuse(rest, &reason);
	} else if (want_help) {
		opts_help(cmd, stdout);
		status = ST_EXIT_OK;
	} else {
		args.argv[rest] = NULL;
		status = cmd->run(opts, rest, args.argv);
	}
	if (cmd->fini)
		cmd->fini(opts);
	return finish_stdout(status);
}

int main(int argc, char **argv)
{
	struct reason reason = {0};

	fail_without_signals();
	hold_standard_files();
	if (guard_start(&reason) < 0)
		return refuse(-EPERM, &reason);
	/* Symbols and BTF come and go in blocks of megabytes. Fixed, the threshold keeps them out of the heap, where
	 * they would leave holes; glibc else raises it with the first that is freed. */
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)) {
		help();
		return finish_stdout(ST_EXIT_OK);
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		version_print(stdout);
		return finish_stdout(ST_EXIT_OK);
	}
	/* for meson.build, and for whoever has no package: see INSTALL of the README */
	if (argc == 3 && strcmp(argv[1], "completion") == 0 &&
	    completion_print(argv[2], commands, ARRAY_SIZE(commands), stdout) == 0)
		return finish_stdout(ST_EXIT_OK);
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++) {
		bool two = commands[i].words[1];

		if (strcmp(argv[1], commands[i].words[0]) != 0)
			continue;
		if (two && (argc < 3 || strcmp(argv[2], commands[i].words[1]) != 0))
			continue;
		return run(commands[i].cmd, argc - 2 - two, argv + 2 + two);
	}
	if (argc > 1 && strcmp(argv[1], "check") == 0) {
		reason_set(&reason, -EINVAL, "check %s: no such check; there are 'check same-node' and 'check path'",
			   argc > 2 ? argv[2] : "");
		return refuse(-EINVAL, &reason);
	}
	return run(&cmd_trace, argc - 1, argv + 1);
}
