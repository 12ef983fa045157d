/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user's terminal can show. */
#pragma once

#include <stdbool.h>

/* Whether the first of LC_ALL, LC_CTYPE and LANG that is set names UTF-8. */
bool terminal_is_utf8(void);
/* Columns of the terminal at fd, else what the variable COLUMNS says; 0: unknown. */
unsigned terminal_width(int fd);
