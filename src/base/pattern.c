/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/pattern.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COPIES_MAX (1u << 16) /* 16 times +, if all are nested; some ten megabytes */
#define GROUPS_MAX 64	      /* within each other */
#define LOOPS_MAX  1

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

static bool is_repetition(char c)
{
	return c == '*' || c == '+' || c == '?' || c == '{';
}

/* The end of the bracket expression that starts at p; it may begin with the bracket that would end it. */
static const char *skip_brackets(const char *p)
{
	p++;
	if (*p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p && *p != ']')
		p++;
	return *p ? p : p - 1;
}

/* How many + and {N} stand on groups, or on what repeats already, within each other: the most. Where such a group may
 * be empty and an anchor stands before, glibc takes 4 ms for four and 8 s for five (posix/regcomp.c,
 * duplicate_node_closure()). */
static unsigned nested_loops(const char *text)
{
	unsigned inside[GROUPS_MAX] = {0};	/* loops that stand side by side in each open group */
	unsigned depth = 0, last = 0, most = 0; /* last: of what stands before */
	bool loopable = false;			/* that is a group, or repeats */

	for (const char *p = text; *p; p++) {
		if (is_repetition(*p)) {
			last += loopable && (*p == '+' || *p == '{');
			loopable = true;
			most = last > most ? last : most;
			continue;
		}
		if (*p == '}' || isdigit((unsigned char)*p) || *p == ',')
			continue; /* an interval's, or plain: then what follows counts as if it stood on what is before
				   */
		inside[depth] += last;
		last = 0;
		loopable = false;
		if (*p == '(' && ++depth == GROUPS_MAX)
			return UINT_MAX;
		if (*p == '(')
			inside[depth] = 0;
		if (*p == ')' && depth) {
			last = inside[depth--];
			loopable = true;
		}
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[')
			p = skip_brackets(p);
	}
	return most;
}

int pattern_compile(const char *text, regex_t *ret)
{
	if (copies(text) > COPIES_MAX || nested_loops(text) > LOOPS_MAX)
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
