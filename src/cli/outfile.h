/* SPDX-License-Identifier: GPL-2.0-only */
/* Output files that a user named. */
#pragma once

#include <stddef.h>

#include "base/reason.h"

/* Creates the file, mode 0600, or opens it as it is, and locks it. A caller that is refused later leaves an older file
 * intact: it is emptied by outfile_empty(), just before the first write. Refuses a symbolic link, and a file that
 * another option or another instance writes. "-" is standard output, which the caller does not close. -errno with a
 * reason that names the option; *ret is unchanged then. */
int outfile_open(const char *option, const char *path, int *ret, struct reason *reason);
/* Empties a regular file that outfile_open() opened, and makes its mode 0600. 0 or -errno. */
int outfile_empty(int fd);
/* 0, or -EINVAL with a reason if path, the option's file, is the same file as input. Both may be NULL. */
int outfile_is_not_input(const char *option, const char *path, const char *input, struct reason *reason);
