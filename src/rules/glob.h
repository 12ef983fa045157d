/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The language's patterns: `*` stands for any bytes, also none, `?` for one, everything else for itself; alternatives
 * are separated by `|`. The whole text must match. Time is at most pattern length times text length.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GLOB_ALTERNATIVES_MAX 16

bool glob_match(const char *pattern, const char *text);
/* Which alternatives match, bit 0 the first. Alternatives beyond GLOB_ALTERNATIVES_MAX are not looked at. */
uint32_t glob_match_which(const char *pattern, const char *text);
/* The same for a function: its name matches as kallsyms has it, or without the compiler's suffix (.constprop.0). */
uint32_t glob_match_func(const char *pattern, const char *func);
/* Number of alternatives, at least 1. */
size_t glob_alternatives(const char *pattern);
/* The nth alternative, from 0, and its length in bytes; NULL beyond the last. */
const char *glob_alternative(const char *pattern, size_t nth, size_t *ret_len);
