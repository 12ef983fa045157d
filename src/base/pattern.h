/* SPDX-License-Identifier: GPL-2.0-only */
/* A user's regular expression, compiled without harm. */
#pragma once

#include <regex.h>

/* As regcomp() with REG_EXTENDED | REG_NOSUB, whose values it returns; REG_ESPACE also for an expression that glibc
 * would take very much memory for: it copies what stands before + and {N}, so that each of them can double (or multiply
 * by N) the size of what it is nested around (posix/regcomp.c, duplicate_tree()); and where + and {N} stand on groups
 * within each other. */
int pattern_compile(const char *text, regex_t *ret);
/* Whether text has a match: 1, 0, or -ENOMEM where there is no memory to find out, which is not the same as 0. */
int pattern_matches(const regex_t *re, const char *text);
