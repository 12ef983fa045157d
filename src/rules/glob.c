/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/glob.h"

#include <string.h>

#include "base/symbol.h"

/* Only the last star has to be tried again: whatever an earlier one could match in vain, the last one could, too. */
static bool match_one(const char *p, const char *p_end, const char *t, const char *t_end)
{
	const char *star = NULL, *resume = NULL;

	while (t < t_end) {
		if (p < p_end && *p == '*') {
			star = p++;
			resume = t;
		} else if (p < p_end && (*p == '?' || *p == *t)) {
			p++;
			t++;
		} else if (star) {
			p = star + 1;
			t = ++resume;
		} else {
			return false;
		}
	}
	while (p < p_end && *p == '*')
		p++;
	return p == p_end;
}

const char *glob_alternative(const char *pattern, size_t nth, size_t *ret_len)
{
	while (nth--) {
		pattern = strchr(pattern, '|');
		if (!pattern)
			return NULL;
		pattern++;
	}
	*ret_len = strcspn(pattern, "|");
	return pattern;
}

size_t glob_alternatives(const char *pattern)
{
	size_t n = 1;

	for (; *pattern; pattern++)
		n += *pattern == '|';
	return n;
}

static uint32_t match_which(const char *pattern, const char *text, size_t len)
{
	uint32_t which = 0;

	for (size_t i = 0; i < GLOB_ALTERNATIVES_MAX; i++) {
		size_t n = strcspn(pattern, "|");

		if (match_one(pattern, pattern + n, text, text + len))
			which |= 1u << i;
		if (!pattern[n])
			break;
		pattern += n + 1;
	}
	return which;
}

bool glob_match(const char *pattern, const char *text)
{
	return match_which(pattern, text, strlen(text));
}

uint32_t glob_match_func(const char *pattern, const char *func)
{
	size_t stem = symbol_base_len(func);
	uint32_t which = match_which(pattern, func, strlen(func));

	return func[stem] ? which | match_which(pattern, func, stem) : which;
}
