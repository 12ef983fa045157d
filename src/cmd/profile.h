/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --profile: options by one name. A profile is text, one option per line as on the command line, without its dashes;
 * "expression" takes a pcap-filter expression (an option of some commands, an argument of others), # begins a comment.
 * Before options are parsed those of the profiles are put into the command line, where what was typed goes before them.
 */
#pragma once

#include <stdio.h>

#include "cmd/cmd.h"

struct profile_args {
	int argc;
	char **argv;  /* owned, but not what it points to */
	char **texts; /* owned: profiles, cut into strings */
	size_t n_texts;
};

/* The command line with every --profile's options added. An option that stands in argv itself, or in an earlier
 * profile, replaces a profile's; a command without --profile gets argv as it is. -errno with a reason; free *ret in any
 * case. */
int profile_args_expand(const struct command *cmd, int argc, char **argv, struct profile_args *ret,
			struct reason *reason);
void profile_args_free(struct profile_args *a);

/* The built-in profiles, each as the file it could be. */
void profile_help(FILE *to);
/* Their text; NULL: no such profile. */
const char *profile_builtin(const char *name);
