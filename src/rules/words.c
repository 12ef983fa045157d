/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/words.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static _printf_(4, 0) int fail_at(struct words *w, unsigned column, int err, const char *fmt, va_list ap)
{
	w->error->line = w->line;
	w->error->column = column;
	vsnprintf(w->error->reason.text, sizeof(w->error->reason.text), fmt, ap);
	return err;
}

int words_fail(struct words *w, int err, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = fail_at(w, w->at < w->n ? w->column[w->at] : w->end_column, err, fmt, ap);
	va_end(ap);
	return r;
}

int words_fail_last(struct words *w, int err, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = fail_at(w, w->column[w->at - 1], err, fmt, ap);
	va_end(ap);
	return r;
}

static int add_word(struct words *w, char *word, unsigned column)
{
	if (w->n == WORDS_MAX) {
		w->at = w->n;
		w->end_column = column;
		return words_fail(w, -EFBIG, "more than %d words in a line", WORDS_MAX);
	}
	w->word[w->n] = word;
	w->column[w->n++] = column;
	return 0;
}

int words_split(char *line, size_t len, unsigned number, struct rules_error *error, struct words *ret)
{
	bool in_word = false;
	unsigned column = 1;
	int r;

	*ret = (struct words){.line = number, .end_column = 1, .error = error};
	if (len > RULES_LINE_MAX)
		return words_fail(ret, -EFBIG, "a line of more than %u bytes", RULES_LINE_MAX);
	for (size_t i = 0; i < len; i++) {
		if (is_blank(line[i])) {
			line[i] = '\0';
			in_word = false;
		} else if (!in_word && line[i] == '#') {
			line[i] = '\0';
			break;
		} else {
			if (!in_word) {
				r = add_word(ret, &line[i], column);
				if (r < 0)
					return r;
			}
			ret->end_column = column + 1;
			in_word = true;
			if ((unsigned char)line[i] < ' ' || line[i] == '\x7f') {
				ret->at = ret->n;
				ret->end_column = column;
				return words_fail(ret, -EINVAL, "control byte 0x%02x", (unsigned char)line[i]);
			}
		}
		column += i + 1 == len || !is_continuation(line[i + 1]);
	}
	return 0;
}

const char *words_peek(const struct words *w)
{
	return w->at < w->n ? w->word[w->at] : NULL;
}

int words_next(struct words *w, const char *expected, const char **ret)
{
	if (w->at == w->n)
		return words_fail(w, -EINVAL, "the line ends: expected %s", expected);
	*ret = w->word[w->at++];
	return 0;
}

bool words_accept(struct words *w, const char *word)
{
	if (w->at == w->n || strcmp(w->word[w->at], word) != 0)
		return false;
	w->at++;
	return true;
}
