/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds rows of a command's table. */
#include <string.h>

#include "cli/options.h"

static bool is_word(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && strncmp(word, text, len) == 0;
}

const struct opt *opts_find_long(const struct command *cmd, const char *name, size_t len)
{
	for (const struct opt *o = cmd->opts; o->name; o++) {
		if (o->set && (is_word(o->name, name, len) || (o->alias && is_word(o->alias, name, len))))
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

const char *opts_group(const struct opt *table, const struct opt *o)
{
	while (o > table && o->set)
		o--;
	return o->set ? NULL : o->name;
}
