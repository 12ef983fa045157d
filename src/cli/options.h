/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands and their options. A command is a row of the table in main.c; an option is a row of its command's table,
 * which drives parsing, --help, the man page's option list and shell completion.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/reason.h"
#include "render/out/out.h"

struct opt {
	const char *name; /* long name, without the dashes; of a row without set: the heading of the rows below it */
	char letter;	  /* short name or 0 */
	const char *arg;  /* NULL: a flag; "[=X]": optional value, "[=A|B]": one of these; else the placeholder of a
			   * required value. An optional value may be a word of its own where that is unambiguous */
	const char *help; /* one sentence, lower case, no full stop */
	/* Stores value (NULL for a flag, or an omitted optional value) at dst. 0, or -errno with a reason that need not
	 * name the option: the parser adds it. */
	int (*set)(void *dst, const char *value, struct reason *reason);
	size_t offset;	   /* of dst within the command's options struct */
	const char *alias; /* another long name, NULL: none */
	bool repeats;	   /* may be given several times with different values */
};

#define OPTS_MAX 128 /* rows of a command's table */

/* A heading of --help, in the words of the man page's section. */
#define OPT_GROUP(title)                                                                                               \
	{                                                                                                              \
		.name = (title)                                                                                        \
	}
/* For macros that stand for several rows. */
#define OPT_ROW(name, arg, help, set, offset) OPT_ALIAS_ROW(name, NULL, arg, help, set, offset)
#define OPT_REPEATED_ROW(name, arg, help, set, offset)                                                                 \
	{                                                                                                              \
		name, 0, arg, help, set, offset, NULL, true                                                            \
	}
#define OPT_ALIAS_ROW(name, alias, arg, help, set, offset)                                                             \
	{                                                                                                              \
		name, 0, arg, help, set, offset, alias                                                                 \
	}

#define OPT_END                                                                                                        \
	{                                                                                                              \
		.name = NULL                                                                                           \
	}

struct command {
	const char *name;
	const char *usage;			       /* after the name */
	const char *summary;			       /* one line */
	const struct opt *opts;			       /* ends with OPT_END */
	size_t opts_size;			       /* bytes of the options struct */
	int (*run)(void *opts, int argc, char **argv); /* parsed options, remaining arguments; returns an exit status */
	void (*init)(void *opts);		       /* defaults; NULL: all zero */
	/* Told of each option that was set, in their order; value NULL: none. NULL: nobody asks. */
	void (*note)(void *opts, const struct opt *o, const char *value);
	/* Whether a command may follow behind "--", which then stays among the remaining arguments. */
	bool takes_command;
	void (*fini)(void *opts); /* frees what the setters allocated; NULL: nothing */
	/* Says that the options were not understood, as exit_refuse() does; NULL: that is enough. */
	int (*refuse)(const void *opts, int err, const struct reason *reason);
	bool no_operands;	     /* all its words are options and their values */
	const char *const *examples; /* of command lines, without "skbtrail"; ends with NULL; NULL: none */
};

/* Parses argv (without the command's name) into dst. Returns the number of remaining arguments, which are moved to the
 * front of argv, or -EINVAL with a reason naming option and value. *ret_help is set when --help was asked for. */
int opts_parse(const struct command *cmd, int argc, char **argv, void *dst, bool *ret_help, struct reason *reason);
void opts_help(const struct command *cmd, FILE *out);
/* The row of an option by the first len bytes of a name, which is the option's or its alias, or by its letter; NULL:
 * none. */
const struct opt *opts_find_long(const struct command *cmd, const char *name, size_t len);
const struct opt *opts_find_letter(const struct command *cmd, char letter);
/* The heading that the row is below; NULL: none. table: where its table begins. */
const char *opts_group(const struct opt *table, const struct opt *o);

/* Setters for opt.set. */
int opt_flag(void *dst, const char *value, struct reason *reason); /* bool */
/* 0, or -EINVAL with a reason. For setters of other values than opt_string()'s. */
int opt_not_empty(const char *value, struct reason *reason);
int opt_string(void *dst, const char *value, struct reason *reason);   /* const char *, borrowed from argv */
int opt_duration(void *dst, const char *value, struct reason *reason); /* uint64_t, nanoseconds */
int opt_bytes(void *dst, const char *value, struct reason *reason);    /* uint64_t, bytes */
int opt_u64(void *dst, const char *value, struct reason *reason);      /* uint64_t */
int opt_port(void *dst, const char *value, struct reason *reason);     /* uint16_t, host byte order, 1 to 65535 */

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
int opt_color(void *dst, const char *value, struct reason *reason); /* enum color_mode */
/* Whether to colour what goes to f. auto: on a terminal only, and not if NO_COLOR is set. */
bool opts_color_wanted(enum color_mode mode, FILE *f);
