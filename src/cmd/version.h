/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

/* The program's version, then each linked library's own word for its version. */
void version_print(FILE *out);
