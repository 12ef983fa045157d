/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands and their options. A command is a row of the table in main.c; an option is a row of its command's table,
 * which drives parsing, --help, the man page's option list and shell completion.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/reason.h"
#include "render/out.h"

enum exit_status { /* CONTRACT: exit status */
		   ST_EXIT_OK = 0,
		   ST_EXIT_FAIL = 1,
		   ST_EXIT_REFUSED = 2,
		   ST_EXIT_INCONCLUSIVE = 3,
};

struct opt {
	const char *name; /* long name, without the dashes */
	char letter;	  /* short name or 0 */
	const char *arg;  /* NULL: a flag; "[=X]": optional value, "[=A|B]": one of these, which may
			   * then be a word of its own; else the placeholder of a required value */
	const char *help; /* one sentence, lower case, no full stop */
	/* Stores value (NULL for a flag, or an omitted optional value) at dst. 0, or -errno with a reason that need not
	 * name the option: the parser adds it. */
	int (*set)(void *dst, const char *value, struct reason *reason);
	size_t offset; /* of dst within the command's options struct */
};

#define OPT_END                                                                                                        \
	{                                                                                                              \
		NULL, 0, NULL, NULL, NULL, 0                                                                           \
	}

struct command {
	const char *name;
	const char *usage;			       /* after the name */
	const char *summary;			       /* one line */
	const struct opt *opts;			       /* ends with OPT_END */
	size_t opts_size;			       /* bytes of the options struct */
	int (*run)(void *opts, int argc, char **argv); /* parsed options, remaining arguments; returns an exit status */
	void (*init)(void *opts);		       /* defaults; NULL: all zero */
	void (*fini)(void *opts);		       /* frees what the setters allocated; NULL: nothing */
};

/* Parses argv (without the command's name) into dst. Returns the number of remaining arguments, which are moved to the
 * front of argv, or -EINVAL with a reason naming option and value. *ret_help is set when --help was asked for. */
int opts_parse(const struct command *cmd, int argc, char **argv, void *dst, bool *ret_help, struct reason *reason);
void opts_help(const struct command *cmd, FILE *out);
/* The row of an option by the first len bytes of its name, or by its letter; NULL: none. */
const struct opt *opts_find_long(const struct command *cmd, const char *name, size_t len);
const struct opt *opts_find_letter(const struct command *cmd, char letter);

/* Setters for opt.set. */
int opt_flag(void *dst, const char *value, struct reason *reason);     /* bool */
int opt_string(void *dst, const char *value, struct reason *reason);   /* const char *, borrowed from argv */
int opt_duration(void *dst, const char *value, struct reason *reason); /* uint64_t, nanoseconds */
int opt_bytes(void *dst, const char *value, struct reason *reason);    /* uint64_t, bytes */
int opt_u64(void *dst, const char *value, struct reason *reason);      /* uint64_t */
int opt_port(void *dst, const char *value, struct reason *reason);     /* uint16_t, host byte order, 1 to 65535 */

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
int opt_color(void *dst, const char *value, struct reason *reason); /* enum color_mode */
/* Whether to colour what goes to f: CONTRACT, streams. */
bool color_wanted(enum color_mode mode, FILE *f);

/* Reports one failed operation on stderr ("skbtrail: TEXT", control bytes escaped) and returns ST_EXIT_REFUSED.
 * Without a reason text the errno's own is used. */
int refuse(int err, const struct reason *reason);
/* Hands o to stdout: status, or ST_EXIT_REFUSED with a message if memory ran out while o was built. A failed write is
 * for finish_stdout() to report. */
int show_stdout(struct out *o, int status);
/* Flushes stdout; a failed write (full disk) becomes ST_EXIT_REFUSED with a message, a closed pipe stays quiet. */
int finish_stdout(int status);

extern const struct command cmd_trace, cmd_check_same_node, cmd_check_path, cmd_funcs, cmd_endpoints, cmd_doctor;
extern const struct command cmd_record, cmd_report, cmd_diff, cmd_explain;
