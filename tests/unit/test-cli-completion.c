/* SPDX-License-Identifier: GPL-2.0-only */
/* Completions: that no option and no value is missing, and none wrong. What the shells make of them is
 * tests/completion's. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "check/check.h"
#include "cli/completion.h"
#include "cli/profile.h"
#include "cmd/commands.h"

static const struct command_row rows[] = {
	{{"trace", NULL}, &cmd_trace},
	{{"check", "same-node"}, &cmd_check_same_node},
	{{"check", "path"}, &cmd_check_path},
	{{"report", NULL}, &cmd_report},
};

/* What is offered for the last of these words. */
static char *offered(size_t n, const char *const *words)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	cr_assert(f);
	completion_offer(rows, ARRAY_SIZE(rows), (int)n, (char **)words, f);
	fclose(f);
	return text;
}

/* The same behind a row's command; an option's name goes before. */
static char *offered_by(const struct command_row *row, const char *name, const char *word)
{
	char option[64];
	const char *words[4];
	size_t n = 0;

	words[n++] = row->words[0];
	if (row->words[1])
		words[n++] = row->words[1];
	if (name) {
		snprintf(option, sizeof(option), "--%s", name);
		words[n++] = option;
	}
	words[n++] = word;
	return offered(n, words);
}

/* Whether a line is this word, with or without a description. */
static bool lists(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		if (strncmp(at, word, len) == 0 && strchr("\t\n", at[len]))
			return true;
	}
	return false;
}

Test(completion, no_option_is_missing)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *text = offered_by(&rows[i], NULL, "-");

		cr_expect(lists(text, "--help"));
		for (const struct opt *o = rows[i].cmd->opts; o->name; o++) {
			char word[64];

			if (!o->set)
				continue; /* a heading */
			snprintf(word, sizeof(word), "--%s", o->name);
			cr_expect(lists(text, word), "%s lacks %s", rows[i].cmd->name, word);
			snprintf(word, sizeof(word), "-%c", o->letter);
			cr_expect(!o->letter || lists(text, word), "%s lacks %s", rows[i].cmd->name, word);
			snprintf(word, sizeof(word), "--%s", o->alias ? o->alias : o->name);
			cr_expect(lists(text, word), "%s lacks %s", rows[i].cmd->name, word);
		}
	}
}

Test(completion, each_shell_has_a_stub_that_asks)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		_cleanup_free_ char *text = NULL;
		size_t size;
		FILE *f = open_memstream(&text, &size);

		cr_assert(f);
		cr_expect_eq(completion_print(shells[i], f), 0);
		fclose(f);
		cr_expect(strstr(text, "skbtrail __complete -- "), "%s", shells[i]);
	}
	cr_expect_eq(completion_print("csh", stdout), -EINVAL);
}

Test(completion, what_is_offered_is_taken)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *dst = calloc(1, rows[i].cmd->opts_size);

		cr_assert(dst);
		for (const struct opt *o = rows[i].cmd->opts; o->name; o++) {
			_cleanup_free_ char *words = o->arg ? offered_by(&rows[i], o->name, "") : NULL;

			for (char *at, *word = words ? strtok_r(words, "\n", &at) : NULL; word;
			     word = strtok_r(NULL, "\n", &at)) {
				struct reason why = {0};

				if (strcmp(word, ":files") == 0)
					continue;
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
	_cleanup_free_ char *words = offered_by(&rows[1], "expect", "");

	for (enum mechanism m = 0; m < MECH_MAX; m++) {
		enum mechanism parsed;

		if (mechanism_parse(mechanism_name(m), &parsed) == 0)
			cr_expect(lists(words, mechanism_name(m)), "%s is not", mechanism_name(m));
	}
}

Test(completion, profiles_are_offered)
{
	_cleanup_free_ char *words = offered_by(&rows[0], "profile", "");
	size_t n = 0;

	for (char *at, *word = strtok_r(words, "\n", &at); word; word = strtok_r(NULL, "\n", &at), n++)
		cr_expect(profile_builtin(word) || strcmp(word, "help") == 0 || strcmp(word, ":files") == 0, "%s",
			  word);
	cr_expect_eq(n, 6u);
}

Test(completion, answers)
{
	static const struct {
		const char *words[6], *answer;
	} cases[] = {
		{{"--vers"}, "--version\tname the libraries\n"},
		{{"report", "--vers"}, ""},
		{{"report", "Which"}, ":files\n"},
		{{"report", "--wid"},
		 "--wide\tpackets instead of events: each as a diagram of namespaces and devices\n"},
		{{"trace", "--color=n"}, "never\n"},
		{{"trace", "--color", "=", "n"}, "never\n"},
		{{"--color", "n"}, "never\n"},
		{{"trace", "--filter-src-ip", ""}, ""},
		{{"report", "--timestamp", "n"}, "none\n:files\n"},
		{{"report", "--timestamp=n"}, "none\n"},
		{{"trace", "-w", "x"}, ":files\n"},
		{{"check", "same-node", "--pcap", "src-pod", "=", "x"}, ":files\n"},
		{{"report", "x"}, ":files\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;
		size_t n = 0;

		while (n < ARRAY_SIZE(cases[i].words) && cases[i].words[n])
			n++;
		text = offered(n, cases[i].words);
		cr_expect_str_eq(text, cases[i].answer, "case %zu: %s", i, text);
	}
}
