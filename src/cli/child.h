/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command behind "--": it runs while a trace watches.
 *
 * It must begin when everything is attached, and at that time this process has given up the privileges that the command
 * may need, and may not start one. So a helper process is started before; it waits for a byte, then runs the command
 * and reports how it ended. If this process ends before, the helper ends the command by SIGTERM.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

struct child;

#define CHILD_FOREVER_NS (UINT64_MAX / 4) /* longer than any command runs; a time may be added */

/* Starts the helper. argv ends with NULL and is borrowed. To be called before signals_catch_stop(). -errno with a
 * reason; *ret is left alone then. */
int child_new(char **argv, struct child **ret, struct reason *reason);
/* Of arguments that opts_parse() left: how many stand before the "--", and child_new() with those behind it. *ret is
 * left alone if there is no "--". -EINVAL with a reason if it ends the line. */
int child_from_arguments(int argc, char **argv, struct child **ret, struct reason *reason);
/* Ends the command, if it still runs, and does not wait for that. */
void child_free(struct child *c);
DEFINE_CLEANUP(struct child *, child_free)

/* Runs the command, its standard output going to standard error. 0 or -errno. */
int child_start(struct child *c);
/* Whether the command has ended; *ret_status: as waitpid(2) gives it. */
bool child_has_ended(struct child *c, int *ret_status);
#define CHILD_FAILURE_MAX 64
/* How the command failed, "ended with status 3", as the end of a sentence; "": it ended well. c NULL: there is none,
 * which is well. */
void child_failure(struct child *c, char ret[static CHILD_FAILURE_MAX]);
/* One line on standard error, if the command failed or could not be run. */
void child_say(const struct child *c, int status);
