/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/profile.h"
#include "cmd/commands.h"
#include "filter/expr.h"

/* The expanded command line, parted by "|". */
static int expanded(const struct command *cmd, char **argv, char *ret, size_t size, struct reason *reason)
{
	struct profile_args args;
	int argc = 0, r;

	while (argv[argc])
		argc++;
	r = profile_args_expand(cmd, argc, argv, &args, reason);
	ret[0] = '\0';
	for (int i = 0; r >= 0 && i < args.argc; i++)
		snprintf(ret + strlen(ret), size - strlen(ret), "%s%s", i ? "|" : "", args.argv[i]);
	profile_args_free(&args);
	return r;
}

#define EXPAND(cmd, ...) expanded(cmd, (char *[]){__VA_ARGS__, NULL}, text, sizeof(text), &reason)

static char *file_of(const char *text)
{
	static char path[32];
	int fd;

	strcpy(path, "/tmp/skbtrail-test-XXXXXX");
	fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

Test(cmd_profile, options_are_put_first)
{
	struct reason reason = {0};
	char text[4096];

	cr_expect_eq(EXPAND(&cmd_trace, "--json", "--profile", "dns"), 0);
	cr_expect_str_eq(text, "--filter-port=53|--path|--json|--profile|dns");
	cr_expect_eq(EXPAND(&cmd_report, "--profile=dns", "x.skbt"), 0);
	cr_expect_str_eq(text, "--filter-port=53|--path|--profile=dns|x.skbt");
}

Test(cmd_profile, what_is_typed_goes_before)
{
	struct reason reason = {0};
	char text[4096];

	cr_expect_eq(EXPAND(&cmd_trace, "--filter-port", "5353", "--profile", "dns"), 0);
	cr_expect_str_eq(text, "--path|--filter-port|5353|--profile|dns");
	/* the value of another option is not one, nor is what follows -- */
	cr_expect_eq(EXPAND(&cmd_trace, "--columns", "--profile=dns"), 0);
	cr_expect_str_eq(text, "--columns|--profile=dns");
	cr_expect_eq(EXPAND(&cmd_report, "--", "--profile=dns"), 0);
	cr_expect_str_eq(text, "--|--profile=dns");
	cr_expect_eq(EXPAND(&cmd_trace, "--profile", "help"), 0);
	cr_expect_str_eq(text, "--profile|help");
	cr_expect_eq(EXPAND(&cmd_doctor, "--profile", "dns"), 0);
	cr_expect_str_eq(text, "--profile|dns");
}

/* The expression of a profile is no word of the command. */
Test(cmd_profile, a_command_stays_behind_the_expression)
{
	struct reason reason = {0};
	char text[4096];

	cr_expect_eq(EXPAND(&cmd_trace, "--profile=tcp-connect", "--", "curl", "-v"), 0);
	cr_expect(strstr(text, "--profile=tcp-connect|(tcp[tcpflags]"), "%s", text);
	cr_expect(strstr(text, "!= 0)|--|curl|-v"), "%s", text);
	cr_expect_eq(EXPAND(&cmd_trace, "--profile=tcp-connect", "udp", "--", "dig"), 0);
	cr_expect_str_eq(text, "--path|--profile=tcp-connect|udp|--|dig");
}

Test(cmd_profile, files)
{
	struct reason reason = {0};
	char text[4096],
		*path = file_of(
			"# mine\n\n  --filter-proto = udp \r\nfilter-port\t53\njson\nexpression  udp or  arp\njson");

	cr_expect_eq(EXPAND(&cmd_trace, "--profile", path), 0);
	cr_expect_not_null(strstr(text, "--filter-proto=udp|--filter-port=53|--json|--profile|/tmp/"));
	cr_expect_str_eq(strrchr(text, '|'), "|udp or  arp");
	cr_expect_eq(EXPAND(&cmd_trace, "--profile", path, "icmp"), 0);
	cr_expect_str_eq(strrchr(text, '|'), "|icmp");
	/* where it is an option, it is one */
	cr_expect_eq(EXPAND(&cmd_report, "--profile", path, "x.skbt"), 0);
	cr_expect_not_null(strstr(text, "|--json|--expression=udp or  arp|--profile|"));
	cr_expect_str_eq(strrchr(text, '|'), "|x.skbt");
	unlink(path);
}

/* Any of a filter's values is enough, as on the command line. */
Test(cmd_profile, a_filter_may_have_several_values)
{
	struct reason reason = {0};
	char text[4096], *path = file_of("filter-ip 10.0.0.1\nfilter-ip 10.0.0.2\n");

	cr_expect_eq(EXPAND(&cmd_trace, "--profile", path), 0);
	cr_expect_not_null(strstr(text, "--filter-ip=10.0.0.1|--filter-ip=10.0.0.2|--profile|"), "%s", text);
	cr_expect_eq(EXPAND(&cmd_trace, "--profile", path, "--filter-ip", "10.0.0.3"), 0);
	cr_expect_null(strstr(text, "10.0.0.1"), "%s", text);
	unlink(path);
}

Test(cmd_profile, refused)
{
	struct reason reason = {0};
	char text[4096], *path;
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"json\nno-such 1", ", line 2: no-such: there is no such option"},
		{"profile dns", ", line 1: profile: a profile does not name others"},
		{"filter-port", ", line 1: filter-port: a value is missing (PORT)"},
		{"expression", ", line 1: the expression is missing"},
		{"columns func\ncolumns seq", ", line 2: columns was given before, and takes one value"},
	};

	cr_expect_eq(EXPAND(&cmd_trace, "--profile", "dnss"), -EINVAL);
	cr_expect_not_null(
		strstr(reason.text, "--profile=dnss: neither a profile ('--profile help' prints them) nor a file"));
	cr_expect_eq(EXPAND(&cmd_trace, "--profile", "/nowhere/x"), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		reason = (struct reason){0};
		path = file_of(bad[i].text);
		cr_expect_lt(EXPAND(&cmd_trace, "--profile", path), 0, "%s", bad[i].text);
		cr_expect_not_null(strstr(reason.text, bad[i].why), "%s", reason.text);
		unlink(path);
	}
}

/* Every built-in one is understood by the options' own parsers, and its expression compiles. */
Test(cmd_profile, builtins_parse)
{
	static const char *const names[] = {"drops", "dns", "tcp-connect", "same-node"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *argv[] = {"--profile", (char *)names[i], NULL};
		struct profile_args args;
		struct reason reason = {0};
		void *opts = calloc(1, cmd_trace.opts_size);
		struct expr expr = {0};
		bool help = false;
		int rest;

		cr_assert_not_null(profile_builtin(names[i]));
		cr_assert_eq(profile_args_expand(&cmd_trace, 2, argv, &args, &reason), 0, "%s", reason.text);
		cr_assert_gt(args.argc, 3);
		if (cmd_trace.init)
			cmd_trace.init(opts);
		rest = opts_parse(&cmd_trace, args.argc, args.argv, opts, &help, &reason);
		cr_expect_geq(rest, 0, "%s: %s", names[i], reason.text);
		if (rest > 0)
			cr_expect_geq(expr_compile(args.argv[0], &expr, &reason), 0, "%s", reason.text);
		cr_expect_eq(rest, strcmp(names[i], "tcp-connect") == 0);
		expr_free(&expr);
		if (cmd_trace.fini)
			cmd_trace.fini(opts);
		free(opts);
		profile_args_free(&args);
	}
	cr_expect_null(profile_builtin("nothing"));
}
