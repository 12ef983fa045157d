/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of check same-node that exclude each other. */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "cli/check_options.h"

#define SECOND_NS 1000000000ull

static const struct command cmd = {.name = "check same-node", .summary = "Checks.", .opts = check_option_table};

/* Parses a line that is split at blanks, and finishes it. *reason is empty if that works. */
static struct check_options finish(const char *line, struct reason *reason)
{
	struct check_options o = {0};
	static char words[256];
	char *argv[8];
	int argc = 0;
	bool help;

	*reason = (struct reason){0};
	snprintf(words, sizeof(words), "%s", line);
	for (char *save, *s = strtok_r(words, " ", &save); s; s = strtok_r(NULL, " ", &save))
		argv[argc++] = s;
	check_options_init(&o);
	if (opts_parse(&cmd, argc, argv, &o, &help, reason) >= 0)
		(void)check_options_finish(&o, reason);
	return o;
}

Test(check_options, how_long_it_watches)
{
	struct reason reason;

	cr_expect_eq(finish("", &reason).timeout_ns, 10 * SECOND_NS);
	cr_expect_eq(finish("--timeout 3s", &reason).timeout_ns, 3 * SECOND_NS);
	cr_expect_eq(finish("--for 1m", &reason).timeout_ns, 60 * SECOND_NS);
	cr_expect_str_empty(reason.text);
	cr_expect_eq(finish("--for 2s --watch 1s", &reason).for_ns, 2 * SECOND_NS);
	cr_expect_str_empty(reason.text);
}

Test(check_options, what_excludes_for)
{
	static const char *const lines[][2] = {
		{"--for 5s --ping", "--for: watches packets that others send; leave it out with --ping"},
		{"--for 5s --timeout 10s", "--for: give either --for or --timeout"},
		{"--for 0", "--for=0: must be longer than nothing"},
		{"--for x", "--for=x: "},
		{"--for 5s --read FILE", "--read judges a recording; it excludes --ping, --for, --watch"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct reason reason;

		finish(lines[i][0], &reason);
		cr_expect(strncmp(reason.text, lines[i][1], strlen(lines[i][1])) == 0, "%s: %s", lines[i][0],
			  reason.text);
	}
}
