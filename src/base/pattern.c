/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/pattern.h"

#include <errno.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define STEPS_MAX 100000 /* of one match; some milliseconds. A name of a function takes dozens. */
#define HEAP_KIB  1024

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

static int compile(const char *text, enum pattern_of of, pcre2_compile_context *context, pcre2_code **ret,
		   struct reason *reason)
{
	uint32_t options = of == PATTERN_WHOLE ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
	PCRE2_SIZE at;
	PCRE2_UCHAR why[128];
	int error;

	pcre2_set_max_pattern_length(context, PATTERN_BYTES_MAX);
	*ret = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options | PCRE2_NEVER_UTF, &error, &at, context);
	if (*ret)
		return 0;
	if (error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED)
		return -ENOMEM;
	pcre2_get_error_message(error, why, sizeof(why));
	return reason_set(reason, -EINVAL, "invalid regular expression '%.200s': %s, at character %zu", text,
			  (const char *)why, (size_t)at + 1);
}

int pattern_compile(const char *text, enum pattern_of of, struct pattern **ret, struct reason *reason)
{
	_cleanup_(pattern_freep) struct pattern *p = calloc(1, sizeof(*p));
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	int r = p && context ? compile(text, of, context, &p->code, reason) : -ENOMEM;

	pcre2_compile_context_free(context);
	if (r < 0)
		return r;
	p->data = pcre2_match_data_create(1, NULL);
	p->limits = pcre2_match_context_create(NULL);
	if (!p->data || !p->limits)
		return -ENOMEM;
	pcre2_set_match_limit(p->limits, STEPS_MAX);
	pcre2_set_heap_limit(p->limits, HEAP_KIB);
	*ret = TAKE_PTR(p);
	return 0;
}

int pattern_matches(const struct pattern *p, const char *text)
{
	int r = pcre2_match(p->code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0, p->data, p->limits);

	if (r >= 0) /* 0: the text has more groups than data holds, which are not used */
		return 1;
	if (r == PCRE2_ERROR_NOMATCH)
		return 0;
	return r == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -E2BIG;
}

int pattern_why(int r, struct reason *reason)
{
	if (r != -E2BIG)
		return r;
	return reason_set(reason, r, "a regular expression takes too long to match; write it with fewer repetitions");
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_match_context_free(p->limits);
	pcre2_match_data_free(p->data);
	pcre2_code_free(p->code);
	free(p);
}
