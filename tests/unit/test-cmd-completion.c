/* SPDX-License-Identifier: GPL-2.0-only */
/* Completions: that no option and no value is missing, and none wrong. What the shells make of them is
 * tests/completion's. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "check/check.h"
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

/* Whether an option stands in the text, and not just one whose name begins so. */
static bool lists(const char *text, const char *before, const char *name, const char *ends)
{
	char want[96];
	int len = snprintf(want, sizeof(want), "%s%s", before, name);

	for (; (text = strstr(text, want)); text += len) {
		if (text[len] && strchr(ends, text[len]))
			return true;
	}
	return false;
}

Test(completion, no_option_is_missing)
{
	static const struct {
		const char *shell, *before, *ends;
	} shells[] = {{"bash", " --", " '"}, {"zsh", "--", "[="}, {"fish", " -l ", " "}};

	for (size_t s = 0; s < ARRAY_SIZE(shells); s++) {
		_cleanup_free_ char *text = printed(shells[s].shell);

		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			for (const struct opt *o = rows[i].cmd->opts; o->name; o++)
				cr_expect(lists(text, shells[s].before, o->name, shells[s].ends), "%s lacks --%s",
					  shells[s].shell, o->name);
		}
	}
}

Test(completion, no_other_shell)
{
	cr_expect_eq(completion_print("csh", rows, ARRAY_SIZE(rows), stdout), -EINVAL);
}

/* The words that fish offers for an option's value; NULL: none. */
static char *offered(const char *fish, const struct command_row *row, const struct opt *o)
{
	char option[128];
	const char *line, *words;

	snprintf(option, sizeof(option), "__skbtrail_in '%s%s%s'\" -l %s ", row->words[0], row->words[1] ? " " : "",
		 row->words[1] ? row->words[1] : "", o->name);
	line = strstr(fish, option);
	cr_assert(line, "no %s", option);
	line += strlen(option);
	words = strstr(line, " -a '");
	if (!words || words > line + strcspn(line, "\n"))
		return NULL;
	words += strlen(" -a '");
	return strndup(words, strcspn(words, "'"));
}

Test(completion, what_is_offered_is_taken)
{
	_cleanup_free_ char *text = printed("fish");
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *dst = calloc(1, rows[i].cmd->opts_size);

		cr_assert(dst);
		for (const struct opt *o = rows[i].cmd->opts; o->name; o++) {
			_cleanup_free_ char *words = offered(text, &rows[i], o);

			for (char *at, *word = words ? strtok_r(words, " ", &at) : NULL; word;
			     word = strtok_r(NULL, " ", &at)) {
				struct reason why = {0};

				cr_expect_geq(o->set(dst + o->offset, word, &why), 0, "%s --%s %s: %s",
					      rows[i].cmd->name, o->name, word, why.text);
				n++;
			}
		}
	}
	cr_expect_gt(n, 20u, "only %zu words", n);
}

Test(completion, every_mechanism_is_offered)
{
	_cleanup_free_ char *text = printed("fish");
	_cleanup_free_ char *words = offered(text, &rows[1], opts_find_long(rows[1].cmd, "expect", strlen("expect")));

	cr_assert(words);
	for (enum mechanism m = 0; m < MECH_MAX; m++) {
		enum mechanism parsed;

		if (mechanism_parse(mechanism_name(m), &parsed) == 0)
			cr_expect(strstr(words, mechanism_name(m)), "%s is not", mechanism_name(m));
	}
}
