/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "cli/options.h"
#include "cli/suggest.h"

static bool value_is_optional(const struct opt *o)
{
	return o->arg && o->arg[0] == '[';
}

static int store(const struct opt *o, void *dst, const char *value, struct reason *reason)
{
	struct reason why = {0};
	int r = o->set((char *)dst + o->offset, value, &why);

	if (r >= 0)
		return 0;
	if (value)
		return reason_set(reason, -EINVAL, "--%s=%s: %s", o->name, value,
				  why.text[0] ? why.text : strerror(-r));
	return reason_set(reason, -EINVAL, "--%s: %s", o->name, why.text[0] ? why.text : strerror(-r));
}

/* Whether an optional value may be a word of its own: only if the table lists the words, as in "[=ONE|OTHER]". */
static bool is_listed(const struct opt *o, const char *word)
{
	const char *p = o->arg + 2;
	size_t len = strlen(word);

	if (!strchr(o->arg, '|'))
		return false;
	for (;; p += strcspn(p, "|]") + 1) {
		size_t n = strcspn(p, "|]");

		if (n == len && strncmp(p, word, n) == 0)
			return true;
		if (p[n] != '|')
			return false;
	}
}

/* Names the option as the user did, by its alias or not. */
static int refuse_value(const struct opt *o, const char *arg, const char *eq, struct reason *reason)
{
	bool by_alias = eq && o->alias && strlen(o->alias) == (size_t)(eq - arg - 2) &&
			memcmp(o->alias, arg + 2, (size_t)(eq - arg - 2)) == 0;

	return reason_set(reason, -EINVAL, "%s: --%s takes no value", arg, by_alias ? o->alias : o->name);
}

/* Where the parser is. */
struct parser {
	const struct command *cmd;
	char **argv;
	int argc, at;
	void *dst;
	bool seen[OPTS_MAX]; /* by row: the option was given, with a value */
};

/* Whether the next word is an optional value. */
static bool takes_next(const struct parser *p, const struct opt *o)
{
	const char *next = p->at + 1 < p->argc ? p->argv[p->at + 1] : NULL;

	if (!next || !value_is_optional(o))
		return false;
	return p->cmd->no_operands ? next[0] != '-' : is_listed(o, next);
}

/* The command's option that the word begins with, as in --NAME or --NAME=VALUE; NULL: none. */
static const struct opt *long_option(const struct parser *p, const char *word)
{
	return strncmp(word, "--", 2) == 0 ? opts_find_long(p->cmd, word + 2, strcspn(word + 2, "=")) : NULL;
}

/* Whether the word is an option of the command, or ends the options. As a value it is written behind "=". */
static bool is_option(const struct parser *p, const char *word)
{
	return strcmp(word, "--") == 0 || long_option(p, word);
}

/* The value of an option: behind its "=", or a word of its own. *ret NULL: it has none, which it need not have. */
static int take_value(struct parser *p, const struct opt *o, const char **ret, struct reason *reason)
{
	if (*ret || !o->arg)
		return 0;
	if (takes_next(p, o)) {
		*ret = p->argv[++p->at];
	} else if (!value_is_optional(o)) {
		if (p->at + 1 >= p->argc || is_option(p, p->argv[p->at + 1]))
			return reason_set(reason, -EINVAL, "--%s: a value is missing (%s)", o->name, o->arg);
		*ret = p->argv[++p->at];
	}
	return 0;
}

/* Which of two values was meant cannot be known. */
static int see_once(struct parser *p, const struct opt *o, const char *value, struct reason *reason)
{
	bool *seen = &p->seen[o - p->cmd->opts];

	if (o->arg && !o->repeats && *seen)
		return reason_set(reason, -EINVAL, "--%s%s%s: was given before, and takes one value", o->name,
				  value ? "=" : "", value ?: "");
	*seen = true;
	return 0;
}

/* A flag with a value: "=true" is none, "=false" is as if it were not there. 1: to be set. */
static int flag_value(const struct opt *o, const char *arg, const char *eq, const char **value, struct reason *reason)
{
	bool set = *value && strcmp(*value, "true") == 0;

	if (*value && !set && strcmp(*value, "false") != 0)
		return refuse_value(o, arg, eq, reason);
	set |= !*value;
	*value = NULL;
	return set;
}

/* Parses one argument that starts with a dash, and the value behind it. */
static int parse_one(struct parser *p, struct reason *reason)
{
	const char *arg = p->argv[p->at], *value = NULL, *eq = NULL;
	const struct opt *o;
	int r;

	if (arg[1] == '-') {
		eq = strchr(arg, '=');
		o = opts_find_long(p->cmd, arg + 2, eq ? (size_t)(eq - arg - 2) : strlen(arg + 2));
		value = eq ? eq + 1 : NULL;
	} else {
		o = opts_find_letter(p->cmd, arg[1]);
		value = arg[2] ? arg + 2 : NULL;
		if (o && !o->arg && value && strspn(value, (char[]){o->letter, '\0'}) == strlen(value))
			value = NULL; /* -vv */
	}
	if (!o)
		return suggest_option(p->cmd, arg, p->at + 1 < p->argc ? p->argv[p->at + 1] : NULL, reason);
	if (!o->arg) {
		r = flag_value(o, arg, eq, &value, reason);
		if (r <= 0)
			return r;
	}
	r = take_value(p, o, &value, reason);
	if (r >= 0)
		r = see_once(p, o, value, reason);
	if (r >= 0)
		r = store(o, p->dst, value, reason);
	if (r >= 0 && p->cmd->note)
		p->cmd->note(p->dst, o, value);
	return r;
}

/* What a command that reports its end needs for that: where, and how. A mistake before these options does not keep them
 * from being heard. */
static void hear_report_options(struct parser *p)
{
	static const char *const names[] = {"junit", "json", "tap"};
	struct reason ignored = {0};

	for (p->at++; p->at < p->argc && strcmp(p->argv[p->at], "--") != 0; p->at++) {
		const struct opt *o = long_option(p, p->argv[p->at]);

		for (size_t i = 0; o && i < ARRAY_SIZE(names); i++) {
			if (strcmp(o->name, names[i]) != 0)
				continue;
			(void)parse_one(p, &ignored);
			break;
		}
	}
}

int opts_parse(const struct command *cmd, int argc, char **argv, void *dst, bool *ret_help, struct reason *reason)
{
	struct parser p = {.cmd = cmd, .argv = argv, .argc = argc, .dst = dst};
	int rest = 0;

	for (; p.at < argc; p.at++) {
		char *arg = argv[p.at];
		int r;

		if (strcmp(arg, "--") == 0) {
			if (cmd->takes_command)
				argv[rest++] = arg;
			while (++p.at < argc)
				argv[rest++] = argv[p.at];
			break;
		}
		if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
			*ret_help = true;
			return 0;
		}
		if (arg[0] != '-' || !arg[1]) {
			if (!cmd->no_operands) {
				argv[rest++] = arg;
				continue;
			}
			r = reason_set(reason, -EINVAL, "%s: %s takes options only", arg, cmd->name);
		} else {
			r = parse_one(&p, reason);
		}
		if (r < 0 && cmd->refuse)
			hear_report_options(&p);
		if (r < 0)
			return r;
	}
	return rest;
}

#define HELP_COLUMN 34

static void help_row(const struct opt *o, FILE *out)
{
	int n = o->letter ? fprintf(out, "  -%c, --%s", o->letter, o->name) : fprintf(out, "      --%s", o->name);

	if (o->alias)
		n += fprintf(out, ", --%s", o->alias);
	if (o->arg)
		n += fprintf(out, "%s%s", value_is_optional(o) ? "" : " ", o->arg);
	if (n > HELP_COLUMN - 2)
		n = fprintf(out, "\n") - 1;
	fprintf(out, "%*s%s\n", HELP_COLUMN - n, "", o->help);
}

void opts_help(const struct command *cmd, FILE *out)
{
	fprintf(out, "usage: skbtrail %s %s\n\n%s\n\n", cmd->name, cmd->usage, cmd->summary);
	for (const struct opt *o = cmd->opts; o->name; o++) {
		if (o->set)
			help_row(o, out);
		else
			fprintf(out, "%s%s:\n", o == cmd->opts ? "" : "\n", o->name);
	}
	help_row(&(struct opt){.name = "help", .letter = 'h', .help = "show this"}, out);
	if (cmd->examples)
		fputs("\nExamples:\n", out);
	for (size_t i = 0; cmd->examples && cmd->examples[i]; i++)
		fprintf(out, "  skbtrail %s\n", cmd->examples[i]);
}

int opt_flag(void *dst, const char *value _unused_, struct reason *reason _unused_)
{
	*(bool *)dst = true;
	return 0;
}

int opt_not_empty(const char *value, struct reason *reason)
{
	return *value ? 0 : reason_set(reason, -EINVAL, "is empty");
}

int opt_string(void *dst, const char *value, struct reason *reason)
{
	int r = opt_not_empty(value, reason);

	if (r >= 0)
		*(const char **)dst = value;
	return r;
}

int opt_duration(void *dst, const char *value, struct reason *reason)
{
	uint64_t ns = 0;
	int r = parse_duration_ns(value, &ns);

	if (r < 0)
		return reason_set(reason, r, "not a duration: seconds, or a number with ms, s or m");
	if (!ns)
		return reason_set(reason, -EINVAL, "must be longer than nothing");
	*(uint64_t *)dst = ns;
	return 0;
}

int opt_bytes(void *dst, const char *value, struct reason *reason)
{
	uint64_t bytes;
	int r = parse_bytes(value, &bytes);

	if (r >= 0 && bytes == 0)
		return reason_set(reason, -EINVAL, "must be more than 0");
	if (r >= 0)
		*(uint64_t *)dst = bytes;
	return r < 0 ? reason_set(reason, r, "not a size: bytes, or a number with k, M or G") : 0;
}

int opt_u64(void *dst, const char *value, struct reason *reason)
{
	int r = parse_u64(value, UINT64_MAX, dst);

	return r < 0 ? reason_set(reason, r, "not a number") : 0;
}

int opt_port(void *dst, const char *value, struct reason *reason)
{
	return parse_port_number(value, dst, reason);
}

int opt_color(void *dst, const char *value, struct reason *reason)
{
	static const char *const names[] = {[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		*(enum color_mode *)dst = i;
		return 0;
	}
	return reason_set(reason, -EINVAL, "must be auto, always or never");
}

bool opts_color_wanted(enum color_mode mode, FILE *f)
{
	const char *no_color = getenv("NO_COLOR"); /* https://no-color.org: any value but the empty one */

	if (mode != COLOR_AUTO)
		return mode == COLOR_ALWAYS;
	return isatty(fileno(f)) && !(no_color && *no_color);
}
