/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that a user named to be written. */
#pragma once

#include <stddef.h>

#include "base/reason.h"

/* Makes the file anew, its owner's only; a symlink is refused, and what another option or instance is writing. "-" is
 * standard output, which is not to be closed. -errno with a reason, which names the option; *ret is left alone then. */
int outfile_open(const char *option, const char *path, int *ret, struct reason *reason);
/* -EINVAL with a reason if the option's file is one that is to be read, under whatever name; both may be NULL. */
int outfile_spares(const char *option, const char *path, const char *read, struct reason *reason);
