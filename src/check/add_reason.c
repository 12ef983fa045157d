/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/add_reason.h"

#include <stdarg.h>
#include <stdio.h>

void add_reason_to(struct check_result *r, enum verdict v, enum reason_code code, const char *fmt, ...)
{
	struct check_reason *reason;
	va_list ap;

	r->verdict = verdict_worse(r->verdict, v);
	if (r->n_reasons == ARRAY_SIZE(r->reasons))
		return;
	reason = &r->reasons[r->n_reasons++];
	reason->code = code;
	va_start(ap, fmt);
	vsnprintf(reason->text, sizeof(reason->text), fmt, ap);
	va_end(ap);
}

void add_note_to(struct check_result *r, const char *fmt, ...)
{
	va_list ap;

	if (r->n_notes == ARRAY_SIZE(r->notes))
		return;
	va_start(ap, fmt);
	vsnprintf(r->notes[r->n_notes].text, sizeof(r->notes[0].text), fmt, ap);
	va_end(ap);
	r->n_notes++;
}
