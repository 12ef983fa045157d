/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/completion.h"

#include <errno.h>
#include <string.h>

#define WORDS_MAX 96

/* What placeholders stand for, where that can be listed. test-cmd-completion.c holds it against the options' setters.
 */
static const struct {
	const char *arg, *words;
} listed[] = {
	{"WHEN", "auto always never"},
	{"PROTO", "icmp tcp udp"},
	{"BACKEND", "auto kprobe kprobe-multi fentry-multi"},
	{"MECHANISM", "redirect_peer redirect host_stack bridge netkit"},
};

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

/* The words that a value may be, with blanks between them; "": no such list. "[=ONE|OTHER]" is one itself. */
static const char *words_of(const struct opt *o, char buf[static WORDS_MAX])
{
	const char *from = "";
	size_t n = 0;

	for (size_t i = 0; o->arg && i < ARRAY_SIZE(listed); i++) {
		if (strcmp(o->arg, listed[i].arg) == 0)
			from = listed[i].words;
	}
	if (o->arg && strchr(o->arg, '|'))
		from = o->arg + strlen("[=");
	for (; *from && *from != ']' && n < WORDS_MAX - 1; from++)
		buf[n++] = *from == '|' ? ' ' : *from;
	buf[n] = '\0';
	return buf;
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
	char buf[WORDS_MAX];

	for (const struct opt *o = cmd->opts; o->name; o++) {
		const char *words = words_of(o, buf);

		if (!takes_value(o) && !*words)
			continue;
		if (o->letter)
			fprintf(out, "-%c|", o->letter);
		fprintf(out, "--%s) ", o->name);
		if (!takes_value(o))
			fputs("optional=1 ", out);
		fprintf(out, *words ? "values='%s' ;;\n            " : "values=%s ;;\n            ",
			*words		? words
			: takes_file(o) ? "FILE"
					: "NONE");
	}
	fputs("esac ;;\n", out);
}

/* The rows' first words, or the second ones after first; each once. */
static void words_print(const struct command_row *rows, size_t n, const char *first, const char *between, FILE *out)
{
	const char *last = "";

	for (size_t i = 0; i < n; i++) {
		const char *word = first ? rows[i].words[1] : rows[i].words[0];

		if (!word || (first && strcmp(rows[i].words[0], first) != 0) || strcmp(word, last) == 0)
			continue;
		fprintf(out, "%s%s", *last ? between : "", word);
		last = word;
	}
}

/* "'check same-node'" */
static void row_quoted(const struct command_row *row, FILE *out)
{
	fprintf(out, "'%s%s%s'", row->words[0], row->words[1] ? " " : "", row->words[1] ? row->words[1] : "");
}

static void bash(const struct command_row *rows, size_t n, FILE *out)
{
	fputs("# bash completion of skbtrail; written by skbtrail completion bash\n"
	      "_skbtrail() {\n"
	      "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "    local command=${COMP_WORDS[1]-} second='' words='' options='' values='' optional=''\n"
	      "    [[ $cur != = ]] || cur=''\n"
	      "    [[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "    COMPREPLY=()\n"
	      "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
	      "        words='",
	      out);
	words_print(rows, n, NULL, " ", out);
	fputs("'\n        command=trace\n    elif [[ $command == check ]]; then\n"
	      "        second=${COMP_WORDS[2]-}\n        [[ $COMP_CWORD -ne 2 ]] || words='",
	      out);
	words_print(rows, n, "check", " ", out);
	fputs("'\n    fi\n    case $command in\n    ", out);
	words_print(rows, n, NULL, "|", out);
	fputs(") ;;\n    *) command=trace ;;\n    esac\n    case \"$command${second:+ $second}\" in\n", out);
	for (size_t i = 0; i < n; i++) {
		fputs("    ", out);
		row_quoted(&rows[i], out);
		fputs(")\n        options='", out);
		bash_options(rows[i].cmd, out);
		fputs("'\n        case $prev in\n            ", out);
		bash_values(rows[i].cmd, out);
	}
	fputs("    esac\n"
	      "    [[ $COMP_CWORD -ne 1 ]] || options+=' --version'\n"
	      "    [[ -z $optional || $cur != -* ]] || values=''\n"
	      "    if [[ -n $values && $values != FILE ]]; then\n"
	      "        [[ $values == NONE ]] || mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")\n"
	      "        [[ -n $optional && ${#COMPREPLY[@]} -eq 0 ]] || return\n"
	      "    elif [[ -z $values && $cur == -* ]]; then\n"
	      "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	      "        return\n"
	      "    elif [[ -n $words ]]; then\n"
	      "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	      "        return\n"
	      "    fi\n"
	      "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "    compopt -o filenames 2>/dev/null\n"
	      "}\n"
	      "complete -F _skbtrail skbtrail\n",
	      out);
}

/* after: how a value follows the name */
static void zsh_option(const struct opt *o, const char *dashes, const char *name, const char *after, FILE *out)
{
	char buf[WORDS_MAX];
	const char *words = words_of(o, buf);

	fprintf(out, " \\\n            '%s%s%s%s[", takes_value(o) ? "*" : "", dashes, name, after);
	quoted(o->help, out);
	fputc(']', out);
	if (o->arg) {
		fputs(takes_value(o) ? ":" : "::", out);
		quoted(o->arg, out);
		if (*words)
			fprintf(out, ":(%s)", words);
		else
			fputs(!takes_file(o)	    ? ": "
			      : strchr(o->arg, '=') ? ":{compset -P \"*=\"; _files}"
						    : ":_files",
			      out);
	}
	fputc('\'', out);
}

static void zsh_options(const struct command *cmd, FILE *out)
{
	char buf[WORDS_MAX];

	fputs("        _arguments '(-h --help)'{-h,--help}'[show the options]'", out);
	for (const struct opt *o = cmd->opts; o->name; o++) {
		char letter[2] = {o->letter};

		/* an optional value that is no listed word follows a "=" only */
		zsh_option(o, "--", o->name, !o->arg ? "" : takes_value(o) || *words_of(o, buf) ? "=" : "=-", out);
		/* a letter takes its value behind it or as the next word */
		if (o->letter)
			zsh_option(o, "-", letter, o->arg ? "+" : "", out);
	}
	fputs(" \\\n            '*:argument:_files'\n", out);
}

static void zsh(const struct command_row *rows, size_t n, FILE *out)
{
	fputs("#compdef skbtrail\n# written by skbtrail completion zsh\n"
	      "_skbtrail() {\n    local command=$words[2]\n    if (( CURRENT == 2 )); then\n"
	      "        if [[ $command == -* ]]; then\n            compadd -- --version\n        else\n"
	      "            compadd -- ",
	      out);
	words_print(rows, n, NULL, " ", out);
	fputs("\n            return\n        fi\n    fi\n    case $command in\n    check)\n"
	      "        if (( CURRENT == 3 )); then\n            compadd -- ",
	      out);
	words_print(rows, n, "check", " ", out);
	fputs("\n            return\n        fi\n        command=\"check $words[3]\"\n        shift 2 words\n"
	      "        (( CURRENT -= 2 ))\n        ;;\n    ",
	      out);
	words_print(rows, n, NULL, "|", out);
	fputs(")\n        shift words\n        (( CURRENT-- ))\n        ;;\n    *) command=trace ;;\n    esac\n"
	      "    case $command in\n",
	      out);
	for (size_t i = 0; i < n; i++) {
		fputs("    ", out);
		row_quoted(&rows[i], out);
		fputs(")\n", out);
		zsh_options(rows[i].cmd, out);
		fputs("        ;;\n", out);
	}
	fputs("    esac\n}\n_skbtrail \"$@\"\n", out);
}

static void fish_option(const struct command_row *row, const struct opt *o, FILE *out)
{
	char buf[WORDS_MAX];
	const char *words = words_of(o, buf);

	fputs("complete -c skbtrail -n \"__skbtrail_in ", out);
	row_quoted(row, out);
	fprintf(out, "\" -l %s", o->name);
	if (o->letter)
		fprintf(out, " -s %c", o->letter);
	if (*words)
		fprintf(out, " %s -a '%s'", takes_value(o) ? "-x" : "-f", words);
	else if (takes_file(o))
		fputs(" -r -F", out);
	else if (takes_value(o))
		fputs(" -x", out);
	fputs(" -d '", out);
	fish_quoted(o->help, out);
	fputs("'\n", out);
}

/* "complete …", for the word that comes next after these */
static void fish_word(const char *after, const char *word, const char *summary, FILE *out)
{
	fprintf(out, "complete -c skbtrail -f -n \"__skbtrail_after '%s'\" -a %s", after, word);
	if (summary) {
		fputs(" -d '", out);
		fish_quoted(summary, out);
		fputc('\'', out);
	}
	fputc('\n', out);
}

static void fish(const struct command_row *rows, size_t n, FILE *out)
{
	const char *last = "";

	fputs("# fish completion of skbtrail; written by skbtrail completion fish\n"
	      "function __skbtrail_after\n"
	      "    set -l words (commandline -opc)\n"
	      "    test \"$words[2..]\" = \"$argv\"\n"
	      "end\n"
	      "function __skbtrail_in\n"
	      "    set -l words (commandline -opc)\n"
	      "    set -l command trace\n"
	      "    switch \"$words[2]\"\n"
	      "        case check\n"
	      "            set command \"$words[2..3]\"\n"
	      "        case ",
	      out);
	words_print(rows, n, NULL, " ", out);
	fputs("\n            set command $words[2]\n"
	      "    end\n"
	      "    test \"$command\" = \"$argv\"\n"
	      "end\n"
	      "complete -c skbtrail -n \"__skbtrail_after ''\" -l version -d 'name the libraries'\n"
	      "complete -c skbtrail -l help -s h -d 'show the options'\n",
	      out);
	for (size_t i = 0; i < n; i++) {
		const struct command_row *row = &rows[i];

		if (strcmp(row->words[0], last) != 0)
			fish_word("", row->words[0], row->words[1] ? NULL : row->cmd->summary, out);
		last = row->words[0];
		if (row->words[1])
			fish_word(row->words[0], row->words[1], row->cmd->summary, out);
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
