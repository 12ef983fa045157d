/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/judge.h"

#include <stdarg.h>
#include <stdio.h>

void add_reason(struct check_result *r, enum verdict v, enum reason_code code, const char *fmt, ...)
{
	struct check_reason *reason;
	va_list ap;

	if (v == VERDICT_FAIL || r->verdict == VERDICT_PASS)
		r->verdict = v;
	if (r->n_reasons == ARRAY_SIZE(r->reasons))
		return;
	reason = &r->reasons[r->n_reasons++];
	reason->code = code;
	va_start(ap, fmt);
	vsnprintf(reason->text, sizeof(reason->text), fmt, ap);
	va_end(ap);
}
