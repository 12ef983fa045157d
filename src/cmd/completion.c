/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/completion.h"

#include <errno.h>
#include <string.h>

/* A placeholder that ends so is a file's: FILE, POINT=FILE. */
static bool takes_file(const struct opt *o)
{
	size_t len = o->arg ? strlen(o->arg) : 0;

	return len >= 4 && strcmp(o->arg + len - 4, "FILE") == 0;
}

static bool takes_value(const struct opt *o)
{
	return o->arg && o->arg[0] != '[';
}

static bool takes_when(const struct opt *o)
{
	return o->arg && strcmp(o->arg, "WHEN") == 0;
}

/* Within single quotes of a shell, and brackets of zsh's. */
static void quoted(const char *s, FILE *out)
{
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\''", out);
		else if (strchr("[]:", *s))
			fprintf(out, "\\%c", *s);
		else
			fputc(*s, out);
	}
}

/* For fish, whose single quotes know \' and \\. */
static void fish_quoted(const char *s, FILE *out)
{
	for (; *s; s++)
		fprintf(out, strchr("'\\", *s) ? "\\%c" : "%c", *s);
}

static void bash_options(const struct command *cmd, FILE *out)
{
	fputs("--help -h", out);
	for (const struct opt *o = cmd->opts; o->name; o++) {
		fprintf(out, " --%s", o->name);
		if (o->letter)
			fprintf(out, " -%c", o->letter);
	}
}

static void bash_values(const struct command *cmd, FILE *out)
{
	for (const struct opt *o = cmd->opts; o->name; o++) {
		if (!takes_value(o))
			continue;
		if (o->letter)
			fprintf(out, "-%c|", o->letter);
		fprintf(out, "--%s) values=%s ;;\n            ", o->name,
			takes_file(o)	? "FILE"
			: takes_when(o) ? "'auto always never'"
					: "NONE");
	}
	fputs("esac ;;\n", out);
}

static void bash_words(const struct command_row *rows, size_t n, const char *first, FILE *out)
{
	const char *last = "";

	for (size_t i = 0; i < n; i++) {
		const char *word = first ? rows[i].words[1] : rows[i].words[0];

		if (!word || (first && strcmp(rows[i].words[0], first) != 0) || strcmp(word, last) == 0)
			continue;
		fprintf(out, "%s%s", *last ? " " : "", word);
		last = word;
	}
}

static void bash(const struct command_row *rows, size_t n, FILE *out)
{
	fputs("# bash completion of skbtrail; written by skbtrail completion bash\n"
	      "_skbtrail() {\n"
	      "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "    local command=${COMP_WORDS[1]-} second='' words='' options='' values=''\n"
	      "    [[ $cur != = ]] || cur=''\n"
	      "    [[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "    COMPREPLY=()\n"
	      "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
	      "        words='",
	      out);
	bash_words(rows, n, NULL, out);
	fputs(" --help --version'\n        command=trace\n    elif [[ $command == check ]]; then\n"
	      "        second=${COMP_WORDS[2]-}\n        [[ $COMP_CWORD -ne 2 ]] || words='",
	      out);
	bash_words(rows, n, "check", out);
	fputs("'\n    fi\n    case \"$command${second:+ $second}\" in\n", out);
	for (size_t i = 0; i < n; i++) {
		const char *second = rows[i].words[1];

		fprintf(out, "    '%s%s%s')\n        options='", rows[i].words[0], second ? " " : "",
			second ? second : "");
		bash_options(rows[i].cmd, out);
		fputs("'\n        case $prev in\n            ", out);
		bash_values(rows[i].cmd, out);
	}
	fputs("    -*) options='", out);
	bash_options(rows[0].cmd, out);
	fputs("' ;;\n    esac\n"
	      "    if [[ $values == FILE || (-z $values && -z $words && $cur != -*) ]]; then\n"
	      "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "        compopt -o filenames 2>/dev/null\n"
	      "    elif [[ -n $values ]]; then\n"
	      "        [[ $values == NONE ]] || mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")\n"
	      "    else\n"
	      "        mapfile -t COMPREPLY < <(compgen -W \"$words $options\" -- \"$cur\")\n"
	      "    fi\n"
	      "}\n"
	      "complete -F _skbtrail skbtrail\n",
	      out);
}

static void zsh_option(const struct opt *o, const char *dashes, const char *name, FILE *out)
{
	fprintf(out, " \\\n            '%s%s%s[", dashes, name, !o->arg ? "" : takes_value(o) ? "=" : "=-");
	quoted(o->help, out);
	fputc(']', out);
	if (o->arg) {
		fputs(takes_value(o) ? ":" : "::", out);
		quoted(o->arg, out);
		fputs(takes_file(o) ? ":_files" : takes_when(o) ? ":(auto always never)" : ": ", out);
	}
	fputc('\'', out);
}

static void zsh_options(const struct command *cmd, FILE *out)
{
	fputs("        _arguments '(-h --help)'{-h,--help}'[show the options]'", out);
	for (const struct opt *o = cmd->opts; o->name; o++) {
		char letter[2] = {o->letter};

		zsh_option(o, "--", o->name, out);
		/* a letter takes its value as the next word */
		if (o->letter)
			zsh_option(o, "-", letter, out);
	}
	fputs(" \\\n            '*:argument:_files'\n", out);
}

static void zsh(const struct command_row *rows, size_t n, FILE *out)
{
	fputs("#compdef skbtrail\n# written by skbtrail completion zsh\n"
	      "_skbtrail() {\n    local command=$words[2]\n    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
	      "        compadd -- ",
	      out);
	bash_words(rows, n, NULL, out);
	fputs("\n        return\n    fi\n    if [[ $command == check ]]; then\n        if (( CURRENT == 3 )); then\n"
	      "            compadd -- ",
	      out);
	bash_words(rows, n, "check", out);
	fputs("\n            return\n        fi\n        command=\"check $words[3]\"\n        shift words\n"
	      "        (( CURRENT-- ))\n    fi\n"
	      "    if [[ $command == -* ]]; then\n        command=trace\n    else\n        shift words\n"
	      "        (( CURRENT-- ))\n    fi\n    case $command in\n",
	      out);
	for (size_t i = 0; i < n; i++) {
		const char *second = rows[i].words[1];

		fprintf(out, "    '%s%s%s')\n", rows[i].words[0], second ? " " : "", second ? second : "");
		zsh_options(rows[i].cmd, out);
		fputs("        ;;\n", out);
	}
	fputs("    esac\n}\n_skbtrail \"$@\"\n", out);
}

static void fish_option(const struct command_row *row, const struct opt *o, FILE *out)
{
	fputs("complete -c skbtrail -n '__fish_seen_subcommand_from ", out);
	fprintf(out, "%s%s%s' -l %s", row->words[0], row->words[1] ? "; and __fish_seen_subcommand_from " : "",
		row->words[1] ? row->words[1] : "", o->name);
	if (o->letter)
		fprintf(out, " -s %c", o->letter);
	if (takes_file(o))
		fputs(" -r -F", out);
	else if (takes_when(o))
		fputs(" -x -a 'auto always never'", out);
	else if (takes_value(o))
		fputs(" -x", out);
	fputs(" -d '", out);
	fish_quoted(o->help, out);
	fputs("'\n", out);
}

static void fish(const struct command_row *rows, size_t n, FILE *out)
{
	fputs("# fish completion of skbtrail; written by skbtrail completion fish\n"
	      "complete -c skbtrail -n __fish_use_subcommand -l help -s h -d 'list the commands'\n"
	      "complete -c skbtrail -n __fish_use_subcommand -l version -d 'name the libraries'\n",
	      out);
	for (size_t i = 0; i < n; i++) {
		const struct command_row *row = &rows[i];

		if (row->words[1])
			fprintf(out,
				"complete -c skbtrail -f -n '__fish_use_subcommand' -a %s\n"
				"complete -c skbtrail -f -n '__fish_seen_subcommand_from %s' -a %s -d '",
				row->words[0], row->words[0], row->words[1]);
		else
			fprintf(out, "complete -c skbtrail -f -n '__fish_use_subcommand' -a %s -d '", row->words[0]);
		fish_quoted(row->cmd->summary, out);
		fputs("'\n", out);
		for (const struct opt *o = row->cmd->opts; o->name; o++)
			fish_option(row, o, out);
	}
}

int completion_print(const char *shell, const struct command_row *rows, size_t n, FILE *out)
{
	static const struct {
		const char *name;
		void (*print)(const struct command_row *rows, size_t n, FILE *out);
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(shell, shells[i].name) != 0)
			continue;
		shells[i].print(rows, n, out);
		return 0;
	}
	return -EINVAL;
}
