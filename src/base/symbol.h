/* SPDX-License-Identifier: GPL-2.0-only */
/* Function names of kallsyms. The compiler appends suffixes: kfree_skbmem.part.0 is a part of kfree_skbmem. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Length of the name without the compiler's suffix, bytes. A dot at the beginning is not a suffix. */
static inline size_t symbol_base_len(const char *symbol)
{
	return symbol[0] ? 1 + strcspn(symbol + 1, ".") : 0;
}

/* For a sorted table of functions: less than, equal to or greater than 0, as strcmp() of the symbol, without what the
 * compiler appended, and func. */
static inline int symbol_compare(const char *symbol, const char *func)
{
	size_t len = symbol_base_len(symbol);
	int r = strncmp(symbol, func, len);

	return r ? r : func[len] ? -1 : 0;
}

/* Whether the symbol, which may be NULL, is that function, whatever the compiler appended to its name. */
static inline bool symbol_is(const char *symbol, const char *func)
{
	size_t len = strlen(func);

	return symbol && symbol_base_len(symbol) == len && memcmp(symbol, func, len) == 0;
}
