/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in a buffer of fixed size: what does not fit is cut. */
#pragma once

#include <stdarg.h>
#include <stdio.h>

struct text {
	char *buf;
	size_t size, len;
};

__attribute__((format(printf, 2, 3))) static inline void put(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->buf + t->len, t->size - t->len, format, ap);
	va_end(ap);
	if (n > 0)
		t->len = t->len + n < t->size ? t->len + n : t->size - 1;
}
