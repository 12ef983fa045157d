/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of commands. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/signals.h"
#include "cli/completion.h"
#include "cli/exit.h"
#include "cli/profile.h"
#include "cli/suggest.h"
#include "cli/version.h"
#include "cmd/commands.h"
#include "guard/guard.h"

#define MMAP_THRESHOLD_BYTES (128 << 10)

static const struct command_row commands[] = {
	{{"trace", NULL}, &cmd_trace},
	{{"check", "same-node"}, &cmd_check_same_node},
	{{"check", "path"}, &cmd_check_path},
	{{"record", NULL}, &cmd_record},
	{{"report", NULL}, &cmd_report},
	{{"diff", NULL}, &cmd_diff},
	{{"why", NULL}, &cmd_why},
	{{"funcs", NULL}, &cmd_funcs},
	{{"endpoints", NULL}, &cmd_endpoints},
	{{"explain", NULL}, &cmd_explain},
	{{"schema", NULL}, &cmd_schema},
	{{"doctor", NULL}, &cmd_doctor},
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

/* Of a group: "check". */
static void help_group(const char *word)
{
	printf("usage: skbtrail %s NAME [OPTIONS]\n\n", word);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].words[1] && strcmp(commands[i].words[0], word) == 0)
			printf("  %-18s %s\n", commands[i].cmd->name, commands[i].cmd->summary);
	}
	printf("\n'skbtrail %s NAME --help' lists the options of one.\n", word);
}

static int run(const struct command *cmd, int argc, char **argv)
{
	_cleanup_(profile_args_free) struct profile_args args = {0};
	_cleanup_free_ void *opts = calloc(1, cmd->opts_size);
	struct reason reason = {0};
	bool want_help = false;
	int rest, status;

	if (!opts)
		return exit_refuse(-ENOMEM, NULL);
	if (cmd->init)
		cmd->init(opts);
	rest = profile_args_expand(cmd, argc, argv, &args, &reason);
	if (rest >= 0)
		rest = opts_parse(cmd, args.argc, args.argv, opts, &want_help, &reason);
	if (rest < 0) {
		status = cmd->refuse ? cmd->refuse(opts, rest, &reason) : exit_refuse(rest, &reason);
	} else if (want_help) {
		opts_help(cmd, stdout);
		status = ST_EXIT_OK;
	} else {
		args.argv[rest] = NULL;
		status = cmd->run(opts, rest, args.argv);
	}
	if (cmd->fini)
		cmd->fini(opts);
	return exit_finish(status);
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static bool is_group(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].words[1] && strcmp(commands[i].words[0], word) == 0)
			return true;
	}
	return false;
}

/* The command that the words begin with; NULL: none. *ret_n: how many words its name is. */
static const struct command *find_command(int argc, char **argv, int *ret_n)
{
	for (size_t i = 0; argc > 0 && i < ARRAY_SIZE(commands); i++) {
		const char *const *words = commands[i].words;

		if (strcmp(argv[0], words[0]) != 0 || (words[1] && (argc < 2 || strcmp(argv[1], words[1]) != 0)))
			continue;
		*ret_n = words[1] ? 2 : 1;
		return commands[i].cmd;
	}
	return NULL;
}

/* Runs what is not a command. False: argv, without the program's name, is none of these. */
static bool run_other(int argc, char **argv)
{
	if (argc < 1)
		return false;
	if (is_help(argv[0]) && argc == 1) {
		help();
		return true;
	}
	if (strcmp(argv[0], "--version") == 0 || strcmp(argv[0], "version") == 0) {
		version_print(stdout);
		return true;
	}
	if (argc == 2 && is_group(argv[0]) && is_help(argv[1])) {
		help_group(argv[0]);
		return true;
	}
	/* packaging/meson.build installs these; users without a package can print them */
	if (argc == 2 && strcmp(argv[0], "completion") == 0)
		return completion_print(argv[1], stdout) == 0;
	/* the completions call this */
	if (argc > 1 && strcmp(argv[0], "__complete") == 0) {
		completion_offer(commands, ARRAY_SIZE(commands), argc - 2, argv + 2, stdout);
		return true;
	}
	return false;
}

/* "help trace": as "trace --help". */
static int run_help(int argc, char **argv)
{
	struct reason reason = {0};
	int n;
	const struct command *cmd = find_command(argc, argv, &n);

	if (cmd && n == argc) {
		opts_help(cmd, stdout);
		return exit_finish(ST_EXIT_OK);
	}
	if (argc == 1 && is_group(argv[0])) {
		help_group(argv[0]);
		return exit_finish(ST_EXIT_OK);
	}
	if (suggest_command(commands, ARRAY_SIZE(commands), argv[argc - 1], &reason) == 0)
		reason_set(&reason, -EINVAL, "%s: no such command; 'skbtrail help' lists them", argv[argc - 1]);
	return exit_refuse(-EINVAL, &reason);
}

static int run_words(int argc, char **argv)
{
	struct reason reason = {0};
	int n = 0;
	const struct command *cmd = find_command(argc, argv, &n);

	if (cmd)
		return run(cmd, argc - n, argv + n);
	if (argc > 1 && strcmp(argv[0], "help") == 0)
		return run_help(argc - 1, argv + 1);
	if (argc > 0 && is_group(argv[0])) {
		if (argc == 1)
			reason_set(&reason, -EINVAL, "%s: which one? there are 'check same-node' and 'check path'",
				   argv[0]);
		else if (suggest_command(commands, ARRAY_SIZE(commands), argv[1], &reason) == 0)
			reason_set(&reason, -EINVAL,
				   "%s %s: no such check; there are 'check same-node' and 'check path'", argv[0],
				   argv[1]);
		return exit_refuse(-EINVAL, &reason);
	}
	if (argc > 0 && argv[0][0] != '-' && suggest_command(commands, ARRAY_SIZE(commands), argv[0], &reason) < 0)
		return exit_refuse(-EINVAL, &reason);
	return run(&cmd_trace, argc, argv);
}

int main(int argc, char **argv)
{
	struct reason reason = {0};

	signals_ignore_write();
	file_hold_standard();
	if (guard_start(&reason) < 0)
		return exit_refuse(-EPERM, &reason);
	/* Symbols and BTF are allocated in blocks of megabytes. A fixed threshold keeps these out of the heap, where
	 * they would leave holes; glibc would raise the threshold when the first of them is freed. */
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
	if (argc > 0) { /* the program's name */
		argc--;
		argv++;
	}
	if (run_other(argc, argv))
		return exit_finish(ST_EXIT_OK);
	return run_words(argc, argv);
}
