/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "cmd/check_observe.h"

/* Writes a report to the file that --junit names, which is replaced whole, never written through a symlink. -errno with
 * a reason if it could not be. */
int check_write_junit(const char *path, const struct out *out, struct reason *reason);
/* Writes the result to standard output, and to the JUnit file, as the options ask for. -errno with a reason. */
int check_show(const struct check_options *o, const struct observation *obs, const struct check_result *result,
	       struct reason *reason);
