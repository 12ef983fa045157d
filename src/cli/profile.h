/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --profile: several options by one name. A profile is text with one option per line, with or without its dashes;
 * "expression" takes a pcap-filter expression (an option of some commands, an argument of others), # begins a comment.
 * The options of the profiles are put into the command line before it is parsed; typed options replace them.
 */
#pragma once

#include <stdio.h>

#include "cli/options.h"

struct profile_args {
	int argc;
	char **argv;  /* owned; the strings are borrowed */
	char **texts; /* owned: profiles, cut into strings */
	size_t n_texts;
};

/* Adds the options of each --profile to the command line. An option of a profile is left out if argv or an earlier
 * profile has it. For a command without the option --profile *ret is argv. 0, or -errno with a reason; the caller frees
 * *ret in either case. */
int profile_args_expand(const struct command *cmd, int argc, char **argv, struct profile_args *ret,
			struct reason *reason);
void profile_args_free(struct profile_args *a);

/* Prints the built-in profiles in the form of files. */
void profile_help(FILE *to);
/* The text of a built-in profile; NULL: there is none of that name. */
const char *profile_builtin(const char *name);
