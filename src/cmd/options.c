/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "cmd/cmd.h"

const struct opt *opts_find_long(const struct command *cmd, const char *name, size_t len)
{
	for (const struct opt *o = cmd->opts; o->name; o++) {
		if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
			return o;
	}
	return NULL;
}

const struct opt *opts_find_letter(const struct command *cmd, char letter)
{
	for (const struct opt *o = cmd->opts; o->name; o++) {
		if (o->letter && o->letter == letter)
			return o;
	}
	return NULL;
}

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

/* An optional value may be a word of its own only where the table lists the words: "[=ONE|OTHER]". */
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

/* One argument that starts with a dash. Advances *i past a separate value. */
static int parse_one(const struct command *cmd, int argc, char **argv, int *i, void *dst, struct reason *reason)
{
	const char *arg = argv[*i], *value = NULL, *eq = NULL;
	const struct opt *o;

	if (arg[1] == '-') {
		eq = strchr(arg, '=');
		o = opts_find_long(cmd, arg + 2, eq ? (size_t)(eq - arg - 2) : strlen(arg + 2));
		value = eq ? eq + 1 : NULL;
	} else {
		o = opts_find_letter(cmd, arg[1]);
		value = arg[2] ? arg + 2 : NULL;
	}
	if (!o)
		return reason_set(reason, -EINVAL, "%s: no such option; see 'skbtrail %s --help'", arg, cmd->name);
	if (!o->arg && value)
		return reason_set(reason, -EINVAL, "%s: --%s takes no value", arg, o->name);
	if (o->arg && !value && !value_is_optional(o)) {
		if (*i + 1 >= argc)
			return reason_set(reason, -EINVAL, "--%s: a value is missing (%s)", o->name, o->arg);
		value = argv[++*i];
	} else if (o->arg && !value && *i + 1 < argc && is_listed(o, argv[*i + 1])) {
		value = argv[++*i];
	}
	return store(o, dst, value, reason);
}

int opts_parse(const struct command *cmd, int argc, char **argv, void *dst, bool *ret_help, struct reason *reason)
{
	int rest = 0;

	for (int i = 0; i < argc; i++) {
		int r;

		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				argv[rest++] = argv[i];
			break;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			*ret_help = true;
			return 0;
		}
		if (argv[i][0] != '-' || !argv[i][1]) {
			argv[rest++] = argv[i];
			continue;
		}
		r = parse_one(cmd, argc, argv, &i, dst, reason);
		if (r < 0)
			return r;
	}
	return rest;
}

#define HELP_COLUMN 34

void opts_help(const struct command *cmd, FILE *out)
{
	fprintf(out, "usage: skbtrail %s %s\n\n%s\n\n", cmd->name, cmd->usage, cmd->summary);
	for (const struct opt *o = cmd->opts; o->name; o++) {
		const char *sep = !o->arg || value_is_optional(o) ? "" : " ";
		int n = o->letter ? fprintf(out, "  -%c, --%s%s%s", o->letter, o->name, sep, o->arg ? o->arg : "")
				  : fprintf(out, "      --%s%s%s", o->name, sep, o->arg ? o->arg : "");

		if (n > HELP_COLUMN - 2)
			n = fprintf(out, "\n") - 1;
		fprintf(out, "%*s%s\n", HELP_COLUMN - n, "", o->help);
	}
	fprintf(out, "  -h, --help%*sshow this\n", HELP_COLUMN - 12, "");
}

int opt_flag(void *dst, const char *value _unused_, struct reason *reason _unused_)
{
	*(bool *)dst = true;
	return 0;
}

int opt_string(void *dst, const char *value, struct reason *reason)
{
	if (!*value)
		return reason_set(reason, -EINVAL, "is empty");
	*(const char **)dst = value;
	return 0;
}

int opt_duration(void *dst, const char *value, struct reason *reason)
{
	int r = parse_duration_ns(value, dst);

	return r < 0 ? reason_set(reason, r, "not a duration: seconds, or a number with ms, s or m") : 0;
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
	uint64_t v;

	if (parse_u64(value, UINT16_MAX, &v) < 0 || v == 0)
		return reason_set(reason, -EINVAL, "must be a port from 1 to 65535");
	*(uint16_t *)dst = v;
	return 0;
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
