/* SPDX-License-Identifier: GPL-2.0-only */
/* Completions: what a shell makes of bash's, and that no option is missing from any. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/completion.h"

static const struct command_row rows[] = {
	{{"trace", NULL}, &cmd_trace},
	{{"check", "same-node"}, &cmd_check_same_node},
	{{"check", "path"}, &cmd_check_path},
	{{"report", NULL}, &cmd_report},
};

static char *printed(const char *shell)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	cr_assert(f);
	cr_assert_eq(completion_print(shell, rows, ARRAY_SIZE(rows), f), 0);
	fclose(f);
	return text;
}

Test(completion, no_option_is_missing)
{
	static const struct {
		const char *shell, *before, *after;
	} shells[] = {{"bash", " --", " "}, {"zsh", "'--", ""}, {"fish", " -l ", " "}};

	for (size_t s = 0; s < ARRAY_SIZE(shells); s++) {
		_cleanup_free_ char *text = printed(shells[s].shell);

		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			for (const struct opt *o = rows[i].cmd->opts; o->name; o++) {
				char want[96];

				snprintf(want, sizeof(want), "%s%s%s", shells[s].before, o->name, shells[s].after);
				/* the last one in bash's list is followed by the list's end */
				if (!strstr(text, want))
					want[strlen(want) - strlen(shells[s].after)] = '\0';
				cr_expect(strstr(text, want), "%s lacks --%s", shells[s].shell, o->name);
			}
		}
	}
}

Test(completion, no_other_shell)
{
	cr_expect_eq(completion_print("csh", rows, ARRAY_SIZE(rows), stdout), -EINVAL);
}

/* What bash offers for the words, of which the last is being typed. */
static void expect_offer(const char *file, const char *words, const char *offer)
{
	char command[512], got[4096] = "";
	FILE *f;

	snprintf(command, sizeof(command),
		 "bash -c '. %s; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _skbtrail; "
		 "printf \"%%s\" \"${COMPREPLY[*]}\"'",
		 file, words);
	f = popen(command, "r");
	cr_assert(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	cr_assert_eq(pclose(f), 0, "%s", command);
	cr_expect_str_eq(got, offer, "%s: '%s' instead of '%s'", words, got, offer);
}

Test(completion, bash_offers_what_fits)
{
	_cleanup_free_ char *text = printed("bash");
	char file[] = "/tmp/skbtrail-completion.XXXXXX";
	_cleanup_close_ int fd = mkstemp(file);

	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	expect_offer(file, "skbtrail rep", "report");
	expect_offer(file, "skbtrail check \"\"", "same-node path");
	expect_offer(file, "skbtrail check same-node --print", "--print-rules");
	expect_offer(file, "skbtrail trace --color a", "auto always");
	expect_offer(file, "skbtrail trace --color = n", "never");
	expect_offer(file, "skbtrail trace --filter-src-ip \"\"", "");
	expect_offer(file, "skbtrail trace --write /proc/self/comm", "/proc/self/comm");
	expect_offer(file, "skbtrail --filter-src-p", "--filter-src-port");
	unlink(file);
}
