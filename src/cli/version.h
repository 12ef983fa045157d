/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

extern const char version_tool[]; /* "skbtrail 0.1.0" */

/* The program's version, then each linked library's own word for its version. */
void version_print(FILE *out);
