/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines: what they set, what is left over, and that every error names option and value. */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wordexp.h>

#include "cli/trace_options.h"
#include "cmd/commands.h"

struct got {
	bool flag, other;
	const char *text;
	uint64_t number, duration_ns, size_bytes;
	enum color_mode color;
	const char *mode; /* of an optional value; "" when omitted */
};

static int opt_mode(void *dst, const char *value, struct reason *reason _unused_)
{
	if (value && strcmp(value, "wrong") == 0)
		return -ERANGE; /* without a reason of its own */
	*(const char **)dst = value ? value : "";
	return 0;
}

#define O(field) offsetof(struct got, field)
static const struct opt opts[] = {
	OPT_GROUP("First ones"),
	{"flag", 'f', NULL, "a flag", opt_flag, O(flag), "banner"},
	{"flags", 0, NULL, "a flag of which another's name is the beginning", opt_flag, O(other)},
	{"text", 't', "WORD", "a word", opt_string, O(text)},
	{"number", 'n', "N", "a number", opt_u64, O(number)},
	{"time", 0, "TIME", "a duration", opt_duration, O(duration_ns)},
	{"size", 0, "BYTES", "a size", opt_bytes, O(size_bytes)},
	OPT_GROUP("Others"),
	{"color", 0, "WHEN", "when to colour", opt_color, O(color)},
	{"mode", 'm', "[=MODE]", "a mode", opt_mode, O(mode)},
	{"when", 0, "[=now|later]", "one of two words", opt_mode, O(mode)},
	{"several", 0, "WORD", "may come again", opt_string, O(text), NULL, true},
	{"an-option-with-a-very-long-name", 0, "AND-VALUE", "on a line of its own", opt_string, O(text)},
	OPT_END,
};

static const char *const examples[] = {"test it --flag", NULL};
static const struct command cmd = {
	.name = "test it", .usage = "[OPTIONS]", .summary = "Tests.", .opts = opts, .examples = examples};

struct parsed {
	struct got got;
	struct reason reason;
	bool help;
	int r;
	char *argv[8]; /* what is left over */
};

/* Splits the line at blanks; '' stands for an empty word. */
static struct parsed parse(const char *line)
{
	static char words[256];
	struct parsed p = {0};
	int argc = 0;

	snprintf(words, sizeof(words), "%s", line);
	for (char *save, *s = strtok_r(words, " ", &save); s; s = strtok_r(NULL, " ", &save)) {
		cr_assert_lt(argc, (int)ARRAY_SIZE(p.argv));
		if (strcmp(s, "''") == 0)
			*s = '\0';
		p.argv[argc++] = s;
	}
	p.r = opts_parse(&cmd, argc, p.argv, &p.got, &p.help, &p.reason);
	return p;
}

Test(options, nothing_is_fine)
{
	struct parsed p = parse("");

	cr_expect_eq(p.r, 0);
	cr_expect_not(p.help);
	cr_expect_not(p.got.flag);
}

Test(options, a_listed_word_may_stand_alone)
{
	struct parsed p = parse("--when later x");

	cr_expect_eq(p.r, 1);
	cr_expect_str_eq(p.got.mode, "later");
	p = parse("--when host now");
	cr_expect_eq(p.r, 2);
	cr_expect_str_eq(p.got.mode, "");
	p = parse("--when lat");
	cr_expect_eq(p.r, 1);
	p = parse("--when=now");
	cr_expect_eq(p.r, 0);
	cr_expect_str_eq(p.got.mode, "now");
	p = parse("--mode now");
	cr_expect_eq(p.r, 1);
	p = parse("--when");
	cr_expect_eq(p.r, 0);
}

Test(options, long_names)
{
	struct parsed p = parse("--flag --text=a --number 7 --time=1.5 --size 2k --color=never");

	cr_assert_eq(p.r, 0, "%s", p.reason.text);
	cr_expect(p.got.flag);
	cr_expect_not(p.got.other);
	cr_expect_str_eq(p.got.text, "a");
	cr_expect_eq(p.got.number, 7);
	cr_expect_eq(p.got.duration_ns, 1500000000);
	cr_expect_eq(p.got.size_bytes, 2048);
	cr_expect_eq(p.got.color, COLOR_NEVER);
	p = parse("--banner");
	cr_expect(p.got.flag);
	p = parse("--flags");
	cr_expect(p.got.other);
	cr_expect_not(p.got.flag);
}

Test(options, letters)
{
	struct parsed p = parse("-f -n5 -t word -m");

	cr_assert_eq(p.r, 0, "%s", p.reason.text);
	cr_expect(p.got.flag);
	cr_expect_eq(p.got.number, 5);
	cr_expect_str_eq(p.got.text, "word");
	cr_expect_str_eq(p.got.mode, "");
	p = parse("-mrelative");
	cr_expect_str_eq(p.got.mode, "relative");
}

/* Which of the values was meant cannot be known. */
Test(options, one_value_is_given_once)
{
	struct parsed p = parse("--number=1 -n 2");

	cr_expect_eq(p.r, -EINVAL);
	cr_expect_str_eq(p.reason.text, "--number=2: was given before, and takes one value");
	p = parse("--mode --mode=x");
	cr_expect_eq(p.r, -EINVAL);
	cr_expect_eq(parse("--flag --flag -f").r, 0);
	p = parse("--several=a --several b");
	cr_expect_eq(p.r, 0, "%s", p.reason.text);
	cr_expect_str_eq(p.got.text, "b");
}

Test(options, a_flag_may_be_true_or_false)
{
	cr_expect(parse("--flag=true").got.flag);
	cr_expect_eq(parse("--flag=false").r, 0);
	cr_expect_not(parse("--flag=false").got.flag);
	cr_expect_not(parse("--banner=false").got.flag);
}

Test(options, tables_fit)
{
	static const struct command *const all[] = {&cmd_trace, &cmd_check_same_node, &cmd_check_path,
						    &cmd_funcs, &cmd_report,	      &cmd_diff};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		size_t n = 0;

		for (; all[i]->opts[n].name; n++) {
			const struct opt *o = &all[i]->opts[n];

			cr_expect(!o->help || !strstr(o->help, "can be repeated") || o->repeats, "--%s", o->name);
		}
		cr_expect_leq(n, (size_t)OPTS_MAX, "%s", all[i]->name);
	}
}

/* Each example of --help is a command line that is understood. */
Test(options, examples_are_understood)
{
	static const struct command *const all[] = {
		&cmd_trace, &cmd_check_same_node, &cmd_check_path, &cmd_record,	 &cmd_report, &cmd_diff,
		&cmd_funcs, &cmd_endpoints,	  &cmd_doctor,	   &cmd_explain, &cmd_schema};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		size_t n = 0;

		cr_assert_not_null(all[i]->examples, "%s", all[i]->name);
		for (; all[i]->examples[n]; n++) {
			const char *line = all[i]->examples[n];
			size_t name_len = strlen(all[i]->name);
			_cleanup_free_ char *rest = strndup(line + name_len, strcspn(line + name_len, "|"));
			_cleanup_free_ void *dst = calloc(1, all[i]->opts_size);
			struct reason reason = {0};
			bool help = false;
			char *argv[16]; /* opts_parse() moves the words */
			wordexp_t words;
			int r;

			cr_assert(rest && dst);
			cr_assert_arr_eq(line, all[i]->name, name_len, "%s: another command", line);
			cr_assert_eq(wordexp(rest, &words, WRDE_NOCMD), 0, "%s", line);
			cr_assert_lt(words.we_wordc, ARRAY_SIZE(argv));
			memcpy(argv, words.we_wordv, words.we_wordc * sizeof(argv[0]));
			if (all[i]->init)
				all[i]->init(dst);
			r = opts_parse(all[i], (int)words.we_wordc, argv, dst, &help, &reason);
			cr_expect_geq(r, 0, "%s: %s", line, reason.text);
			if (all[i]->fini)
				all[i]->fini(dst);
			wordfree(&words);
		}
		cr_expect_geq(n, 4, "%s has %zu examples", all[i]->name, n);
	}
}

Test(options, a_value_that_looks_like_an_option_is_written_behind_an_equals_sign)
{
	struct parsed p = parse("--text --flag");

	cr_expect_eq(p.r, -EINVAL); /* the value was forgotten */
	p = parse("--text --");
	cr_expect_eq(p.r, -EINVAL);
	p = parse("--text=--flag");
	cr_assert_eq(p.r, 0);
	cr_expect_str_eq(p.got.text, "--flag");
	cr_expect_not(p.got.flag);
	p = parse("--text --not-one-of-ours");
	cr_assert_eq(p.r, 0);
	cr_expect_str_eq(p.got.text, "--not-one-of-ours");
	p = parse("--text=a=b");
	cr_expect_str_eq(p.got.text, "a=b");
}

/* pwru's --timestamp and our --ping: what follows an omitted value is not that value. */
Test(options, an_optional_value_is_never_the_next_word)
{
	struct parsed p = parse("--mode relative");

	cr_expect_eq(p.r, 1);
	cr_expect_str_eq(p.got.mode, "");
	cr_expect_str_eq(p.argv[0], "relative");
	p = parse("--mode=relative");
	cr_expect_eq(p.r, 0);
	cr_expect_str_eq(p.got.mode, "relative");
}

Test(options, what_is_no_option_is_left_over_in_order)
{
	struct parsed p = parse("icmp --flag and - -n 5 host");

	cr_assert_eq(p.r, 4);
	cr_expect_str_eq(p.argv[0], "icmp");
	cr_expect_str_eq(p.argv[1], "and");
	cr_expect_str_eq(p.argv[2], "-");
	cr_expect_str_eq(p.argv[3], "host");
	cr_expect(p.got.flag);
	cr_expect_eq(p.got.number, 5);
}

Test(options, end_at_two_dashes)
{
	struct parsed p = parse("a -- --flag -- --help");

	cr_assert_eq(p.r, 4);
	cr_expect_str_eq(p.argv[0], "a");
	cr_expect_str_eq(p.argv[1], "--flag");
	cr_expect_str_eq(p.argv[2], "--");
	cr_expect_str_eq(p.argv[3], "--help");
	cr_expect_not(p.got.flag);
	cr_expect_not(p.help);
	p = parse("--");
	cr_expect_eq(p.r, 0);
}

Test(options, help_is_told_before_a_later_error)
{
	cr_expect(parse("--help --nonsense").help);
	cr_expect(parse("word -h").help);
	cr_expect_not(parse("--text --help").help);
	cr_expect_eq(parse("--help").r, 0);
}

/* One line that says what is wrong, and what to do where that helps. */
Test(options, errors_name_option_and_value)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{"--nonsense", "--nonsense: no such option; see 'skbtrail test it --help'"},
		{"--nonsense=5", "--nonsense=5: no such option; see 'skbtrail test it --help'"},
		{"--fla", "--fla: no such option; did you mean --flag?"},
		{"--Others", "--Others: no such option; see 'skbtrail test it --help'"},
		{"--=5", "--=5: no such option; see 'skbtrail test it --help'"},
		{"-x", "-x: no such option; see 'skbtrail test it --help'"},
		{"-flag", "-flag: --flag takes no value"},
		{"--flag=yes", "--flag=yes: --flag takes no value"},
		{"--flag=", "--flag=: --flag takes no value"},
		{"--banner=yes", "--banner=yes: --banner takes no value"},
		{"--number", "--number: a value is missing (N)"},
		{"word --text", "--text: a value is missing (WORD)"},
		{"-t", "--text: a value is missing (WORD)"},
		{"--number=x", "--number=x: not a number"},
		{"-n x", "--number=x: not a number"},
		{"--number=", "--number=: not a number"},
		{"--number=-1", "--number=-1: not a number"},
		{"--number=18446744073709551616", "--number=18446744073709551616: not a number"},
		{"--text=", "--text=: is empty"},
		{"--text ''", "--text=: is empty"},
		{"--time=1h", "--time=1h: not a duration: seconds, or a number with ms, s or m"},
		{"--size=1T", "--size=1T: not a size: bytes, or a number with k, M or G"},
		{"--color=blue", "--color=blue: must be auto, always or never"},
		{"--mode=wrong", "--mode=wrong: Numerical result out of range"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct parsed p = parse(cases[i].line);

		cr_expect_eq(p.r, -EINVAL, "%s", cases[i].line);
		cr_expect_str_eq(p.reason.text, cases[i].text, "'%s' says: %s", cases[i].line, p.reason.text);
	}
}

Test(options, a_refused_value_is_not_stored)
{
	cr_expect_eq(parse("--number=x").got.number, 0);
	cr_expect_eq(parse("--color=x").got.color, COLOR_AUTO);
}

Test(options, colours)
{
	cr_expect_eq(parse("--color=auto").got.color, COLOR_AUTO);
	cr_expect_eq(parse("--color=always").got.color, COLOR_ALWAYS);
	cr_expect_eq(parse("--color=never").got.color, COLOR_NEVER);
}

Test(options, help_lists_the_table)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	cr_assert_not_null(f);
	opts_help(&cmd, f);
	fclose(f);
	cr_expect_str_eq(text,
			 "usage: skbtrail test it [OPTIONS]\n\nTests.\n\n"
			 "First ones:\n"
			 "  -f, --flag, --banner            a flag\n"
			 "      --flags                     a flag of which another's name is the beginning\n"
			 "  -t, --text WORD                 a word\n"
			 "  -n, --number N                  a number\n"
			 "      --time TIME                 a duration\n"
			 "      --size BYTES                a size\n"
			 "\nOthers:\n"
			 "      --color WHEN                when to colour\n"
			 "  -m, --mode[=MODE]               a mode\n"
			 "      --when[=now|later]          one of two words\n"
			 "      --several WORD              may come again\n"
			 "      --an-option-with-a-very-long-name AND-VALUE\n"
			 "                                  on a line of its own\n"
			 "  -h, --help                      show this\n"
			 "\nExamples:\n  skbtrail test it --flag\n",
			 "%s", text);
}

/* Of the trace's own table. */
Test(options, snaplen)
{
	static const struct {
		const char *value;
		bool fine;
	} cases[] = {{"20", true}, {"4096", true},  {"4k", true},   {"19", false},
		     {"0", false}, {"4097", false}, {"much", false}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *argv[] = {"--snaplen", (char *)cases[i].value, NULL};
		void *parsed = calloc(1, cmd_trace.opts_size);
		struct reason reason = {0};
		char want[64];
		bool help = false;
		int r;

		snprintf(want, sizeof(want), "--snaplen=%s: must be from 20 to 4096 bytes", cases[i].value);
		r = opts_parse(&cmd_trace, 2, argv, parsed, &help, &reason);
		cr_expect_eq(r, cases[i].fine ? 0 : -EINVAL, "%s", cases[i].value);
		cr_expect_str_eq(reason.text, cases[i].fine ? "" : want);
		free(parsed);
	}
}

/* Of the trace's own table: the value may be a word of its own, and another word is not taken for one. */
Test(options, which_programs)
{
	static const struct {
		const char *words[3];
		int rest; /* words that are left, or an error */
		enum program_choice tc, xdp;
	} cases[] = {
		{{"--filter-trace-tc"}, 0, PROGRAMS_ATTACHED, PROGRAMS_NONE},
		{{"--filter-trace-tc", "icmp"}, 1, PROGRAMS_ATTACHED, PROGRAMS_NONE},
		{{"--filter-trace-tc=all"}, 0, PROGRAMS_ALL, PROGRAMS_NONE},
		{{"--filter-trace-tc", "all", "icmp"}, 1, PROGRAMS_ALL, PROGRAMS_NONE},
		{{"--filter-trace-xdp=attached", "--filter-trace-tc", "all"}, 0, PROGRAMS_ALL, PROGRAMS_ATTACHED},
		{{"--filter-trace-tc=some"}, -EINVAL, PROGRAMS_NONE, PROGRAMS_NONE},
		{{"--filter-trace-tc="}, -EINVAL, PROGRAMS_NONE, PROGRAMS_NONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *argv[4] = {(char *)cases[i].words[0], (char *)cases[i].words[1], (char *)cases[i].words[2]};
		struct trace_options *parsed = calloc(1, cmd_trace.opts_size);
		struct reason reason = {0};
		bool help = false;
		int argc = 0;

		while (argv[argc])
			argc++;
		cr_expect_eq(opts_parse(&cmd_trace, argc, argv, parsed, &help, &reason), cases[i].rest, "%zu", i);
		cr_expect_eq(parsed->trace_tc, cases[i].tc, "%zu", i);
		cr_expect_eq(parsed->trace_xdp, cases[i].xdp, "%zu", i);
		free(parsed);
	}
}

/* Where every word is an option or its value, an optional value needs no "=". */
Test(options, without_operands)
{
	struct command only = cmd;
	char *argv[] = {(char *)"--mode", (char *)"relative"}, *flag[] = {(char *)"--mode", (char *)"--flag"},
	     *word[] = {(char *)"--flag", (char *)"word"};
	struct reason reason = {0};
	struct got got = {0};
	bool help;

	only.no_operands = true;
	cr_expect_eq(opts_parse(&only, 2, argv, &got, &help, &reason), 0);
	cr_expect_str_eq(got.mode, "relative");
	cr_expect_eq(opts_parse(&only, 2, flag, &got, &help, &reason), 0);
	cr_expect_str_eq(got.mode, "");
	cr_expect(got.flag);
	cr_expect_eq(opts_parse(&only, 2, word, &got, &help, &reason), -EINVAL);
	cr_expect_str_eq(reason.text, "word: test it takes options only");
}
