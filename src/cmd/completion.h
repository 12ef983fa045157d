/* SPDX-License-Identifier: GPL-2.0-only */
/* Completions for shells, out of the tables that parse. */
#pragma once

#include <stdio.h>

#include "cmd/cmd.h"

struct command_row {
	const char *words[2]; /* "check" "same-node"; the second may be NULL */
	const struct command *cmd;
};

/* shell: bash, zsh or fish. -EINVAL for another one. */
int completion_print(const char *shell, const struct command_row *rows, size_t n, FILE *out);
