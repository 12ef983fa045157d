/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user may have meant by a word that is not known. */
#pragma once

#include <stddef.h>

#include "cli/completion.h"
#include "cli/options.h"

/* arg, which begins with a dash, is no option of cmd; next: the word behind it, NULL: none. Returns -EINVAL with a
 * reason that says what to write instead, if that can be told. */
int suggest_option(const struct command *cmd, const char *arg, const char *next, struct reason *reason);
/* word is no command. -EINVAL with a reason that names the command that was meant; 0: it is near to none, or may begin
 * a filter expression. */
int suggest_command(const struct command_row *rows, size_t n, const char *word, struct reason *reason);
