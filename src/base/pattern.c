/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/pattern.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COPIES_MAX (1u << 16) /* 16 times +, if all are nested; some ten megabytes */

/* The largest number of an interval, from behind its brace on. */
static uint64_t interval(const char *p)
{
	uint64_t most = 1;

	while (isdigit((unsigned char)*p) || *p == ',') {
		char *end;
		uint64_t v = strtoull(p, &end, 10);

		most = v > most ? v : most;
		p = end == p ? p + 1 : end;
	}
	return most;
}

/* How often a part of it can be copied, in the worst case. Within brackets nothing repeats; counted all the same. */
static uint64_t copies(const char *text)
{
	uint64_t n = 1;

	for (const char *p = text; *p && n <= COPIES_MAX; p++) {
		uint64_t factor = *p == '+' ? 2 : *p == '{' ? interval(p + 1) : 1;

		if (*p == '\\' && p[1])
			p++;
		else if (__builtin_mul_overflow(n, factor, &n))
			return UINT64_MAX;
	}
	return n;
}

int pattern_compile(const char *text, regex_t *ret)
{
	if (copies(text) > COPIES_MAX)
		return REG_ESPACE;
	return regcomp(ret, text, REG_EXTENDED | REG_NOSUB);
}

/* glibc's regexec() calls everything that is no match REG_NOMATCH; re_search() tells -1 from -2 (posix/regexec.c). */
int pattern_matches(const regex_t *re, const char *text)
{
	regoff_t len = (regoff_t)strlen(text);
	regoff_t at = re_search((regex_t *)re, text, len, 0, len, NULL); /* what it changes is a lock and a cache */

	return at >= 0 ? 1 : at == -1 ? 0 : -ENOMEM;
}
