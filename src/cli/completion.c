/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. A shell's completion is a stub that hands the words of the command line, up to the one that is
 * being typed, to "skbtrail __complete -- WORDS...". The answer has a line for each word that the typed one may become,
 * some with a description after a tab; for --name=VALUE these words are the values. The last line is ":files" if the
 * word may be the name of a file. Bash splits words at each "=", and makes the "=" a word of its own.
 */
#include "cli/completion.h"

#include <errno.h>
#include <string.h>

#define FILES	   ":files\n"
#define OPTION_MAX 64 /* bytes of an option's name with its dashes */

/* The values that a placeholder, or the option of a name, can have. test-cli-completion.c compares the words with what
 * the options' setters accept. */
static const struct {
	const char *what, *words;
} listed[] = {
	{"WHEN", "auto always never"},
	{"PROTO", "icmp tcp udp"},
	{"BACKEND", "auto kprobe kprobe-multi"},
	{"MECHANISM", "redirect_peer redirect host_stack bridge netkit"},
	{"profile", "drops dns tcp-connect same-node help"},
};

/* Users complete commands behind sudo, but their own PATH lacks sbin. */
static const struct {
	const char *shell, *stub;
} stubs[] = {
	{"bash",
	 "# bash completion of skbtrail\n"
	 "_skbtrail() {\n"
	 "    local PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin found words=(\"${COMP_WORDS[@]:1:COMP_CWORD}\")\n"
	 "    [[ ${words[-1]} != = ]] || words+=('')\n"
	 "    mapfile -t found < <(skbtrail __complete -- \"${words[@]}\" 2>/dev/null)\n"
	 "    mapfile -t COMPREPLY < <(compgen -W \"${found[*]%%[$'\\t:']*}\")\n"
	 "    [[ ${found[*]} == *:files ]] || return\n"
	 "    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"${words[-1]}\")\n"
	 "    compopt -o filenames 2>/dev/null\n"
	 "}\n"
	 "complete -F _skbtrail skbtrail\n"},
	{"zsh", "#compdef skbtrail\n"
		"local path=($path /usr/local/sbin /usr/sbin /sbin) found\n"
		"found=(${(f)\"$(skbtrail __complete -- \"${(@Q)words[2,CURRENT]}\" 2>/dev/null)\"})\n"
		"found=(${found/$'\\t'/:})\n"
		"[[ $words[CURRENT] != -*=* ]] || compset -P '*='\n"
		"if [[ $found[-1] == :files ]]; then\n"
		"    found[-1]=()\n"
		"    _files || { compset -P '*=' && _files }\n"
		"fi\n"
		"(( ! $#found )) || _describe skbtrail found\n"},
	{"fish", "# fish completion of skbtrail\n"
		 "function __skbtrail\n"
		 "    set -lx PATH $PATH /usr/local/sbin /usr/sbin /sbin\n"
		 "    set -l words (commandline -opc) (commandline -ct)\n"
		 "    set -l name (string match -r '^-[^=]*=' -- $words[-1])\n"
		 "    skbtrail __complete -- $words[2..] 2>/dev/null | string replace -r -- '^' \"$name\"\n"
		 "end\n"
		 "complete -c skbtrail -n 'not __skbtrail | string match -q \"*:files\"' -f\n"
		 "complete -c skbtrail -a '(__skbtrail | string match -v \"*:files\")'\n"},
};

int completion_print(const char *shell, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(stubs); i++) {
		if (strcmp(shell, stubs[i].shell) != 0)
			continue;
		fputs(stubs[i].stub, out);
		return 0;
	}
	return -EINVAL;
}

/* A file's placeholder ends with FILE: FILE, POINT=FILE. */
static bool takes_file(const struct opt *o)
{
	size_t len = strlen(o->arg);

	return (len >= 4 && strcmp(o->arg + len - 4, "FILE") == 0) || strcmp(o->name, "profile") == 0;
}

/* The words that a value can be, separated by one of " |]"; "": there is no such list. */
static const char *words_of(const struct opt *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(listed); i++) {
		if (strcmp(o->arg, listed[i].what) == 0 || strcmp(o->name, listed[i].what) == 0)
			return listed[i].words;
	}
	return strchr(o->arg, '|') ? o->arg + strlen("[=") : "";
}

struct answer {
	const char *typed; /* the beginning of the word to complete */
	FILE *out;
};

static void offer(const struct answer *a, const char *word, size_t len, const char *help)
{
	size_t typed = strlen(a->typed);

	if (typed <= len && strncmp(word, a->typed, typed) == 0)
		fprintf(a->out, "%.*s%s%s\n", (int)len, word, *help ? "\t" : "", help);
}

static void offer_values(const struct answer *a, const struct opt *o)
{
	for (const char *word = words_of(o); *word; word += strcspn(word, " |]"), word += *word != '\0')
		offer(a, word, strcspn(word, " |]"), "");
	if (takes_file(o))
		fputs(FILES, a->out);
}

static void offer_option(const struct answer *a, const struct opt *o)
{
	char word[OPTION_MAX];
	int len = snprintf(word, sizeof(word), "--%s", o->name);

	offer(a, word, (size_t)len, o->help);
	if (o->alias) {
		len = snprintf(word, sizeof(word), "--%s", o->alias);
		offer(a, word, (size_t)len, o->help);
	}
	if (o->letter)
		offer(a, (char[]){'-', o->letter}, 2, o->help);
}

/* Offers the next word of each command that begins with the words before, once. False: there is no such command. */
static bool offer_commands(const struct answer *a, const struct command_row *rows, size_t n, int n_before, char **words)
{
	const char *last = "";

	for (size_t i = 0; i < n && n_before < 2; i++) {
		const char *word = rows[i].words[n_before];

		if (!word || (n_before && strcmp(rows[i].words[0], words[0]) != 0) || strcmp(word, last) == 0)
			continue;
		offer(a, word, strlen(word), n_before || !rows[i].words[1] ? rows[i].cmd->summary : "");
		last = word;
	}
	return *last;
}

/* The command that the words before the typed one name; that of the first row if they name none. */
static const struct command *command_of(const struct command_row *rows, size_t n, int n_before, char **words)
{
	for (size_t i = 0; i < n && n_before; i++) {
		const char *second = rows[i].words[1];

		if (strcmp(words[0], rows[i].words[0]) == 0 &&
		    (!second || (n_before > 1 && strcmp(words[1], second) == 0)))
			return rows[i].cmd;
	}
	return rows[0].cmd;
}

static const struct opt *option_of(const struct command *cmd, const char *word)
{
	if (strncmp(word, "--", 2) == 0)
		return opts_find_long(cmd, word + 2, strcspn(word + 2, "="));
	return word[0] == '-' && word[1] && !word[2] ? opts_find_letter(cmd, word[1]) : NULL;
}

/* Offers options, an option's values, or arguments. */
static void offer_rest(struct answer *a, const struct command *cmd, int n_before, char **words)
{
	const char *eq = a->typed[0] == '-' ? strchr(a->typed, '=') : NULL;
	bool is_split = n_before > 1 && strcmp(words[n_before - 1], "=") == 0;
	const char *name = eq ? a->typed : is_split ? words[n_before - 2] : n_before ? words[n_before - 1] : "";
	const struct opt *o = option_of(cmd, name);
	bool has_value = o && o->arg;

	if (has_value && (eq || is_split || o->arg[0] != '[')) {
		a->typed = eq ? eq + 1 : a->typed;
		offer_values(a, o);
	} else if (a->typed[0] == '-') {
		offer_option(a, &(struct opt){.name = "help", .letter = 'h', .help = "show the options"});
		if (n_before == 0)
			offer_option(a, &(struct opt){.name = "version", .help = "name the libraries"});
		for (const struct opt *row = cmd->opts; row->name; row++)
			if (row->set)
				offer_option(a, row);
	} else {
		if (has_value) /* optional: a word of its own if it is listed */
			offer_values(a, o);
		fputs(FILES, a->out);
	}
}

void completion_offer(const struct command_row *rows, size_t n, int n_words, char **words, FILE *out)
{
	struct answer a = {.typed = n_words ? words[n_words - 1] : "", .out = out};
	int n_before = n_words ? n_words - 1 : 0;
	bool is_option = n_before == 0 && a.typed[0] == '-';

	if (is_option || !offer_commands(&a, rows, n, n_before, words))
		offer_rest(&a, command_of(rows, n, n_before, words), n_before, words);
}
