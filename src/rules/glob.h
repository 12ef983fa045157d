/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patterns of rules: `*` matches any bytes or none, `?` one byte, any other byte itself. `|` separates alternatives.
 * The whole text must match. Takes at most pattern length times text length.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GLOB_ALTERNATIVES_MAX 16

bool glob_match(const char *pattern, const char *text);
/* Which alternatives match a function's name as kallsyms has it, with or without the compiler's suffix (.constprop.0).
 * Bit 0 is the first alternative; those beyond GLOB_ALTERNATIVES_MAX are ignored. */
uint32_t glob_match_func(const char *pattern, const char *func);
/* The number of alternatives, at least 1. */
size_t glob_alternatives(const char *pattern);
/* The nth alternative, from 0, and its length in bytes; NULL beyond the last. */
const char *glob_alternative(const char *pattern, size_t nth, size_t *ret_len);
