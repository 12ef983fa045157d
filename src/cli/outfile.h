/* SPDX-License-Identifier: GPL-2.0-only */
/* Output files that a user named. */
#pragma once

#include <stddef.h>

#include "base/reason.h"

/* Creates or empties the file, mode 0600, and locks it. Refuses a symbolic link, and a file that another option or
 * another instance writes. "-" is standard output, which the caller does not close. -errno with a reason that names the
 * option; *ret is unchanged then. */
int outfile_open(const char *option, const char *path, int *ret, struct reason *reason);
/* 0, or -EINVAL with a reason if path, the option's file, is the same file as input. Both may be NULL. */
int outfile_is_not_input(const char *option, const char *path, const char *input, struct reason *reason);
