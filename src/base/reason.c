/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/reason.h"

#include <stdarg.h>

int reason_set(struct reason *r, int err, const char *fmt, ...)
{
	va_list ap;

	if (!r || r->text[0])
		return err;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	return err;
}
