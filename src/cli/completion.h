/* SPDX-License-Identifier: GPL-2.0-only */
/* Completion in shells, from the option tables. */
#pragma once

#include <stdio.h>

#include "cli/options.h"

struct command_row {
	const char *words[2]; /* "check" "same-node"; the second may be NULL */
	const struct command *cmd;
};

/* Prints the stub for a shell: bash, zsh or fish. -EINVAL for another one. */
int completion_print(const char *shell, FILE *out);
/* Answers the stub: prints what the last of the words after "skbtrail" may become. The first row is the command that
 * needs no name. */
void completion_offer(const struct command_row *rows, size_t n, int n_words, char **words, FILE *out);
