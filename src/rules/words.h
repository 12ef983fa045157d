/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a line, with their columns, and a cursor. Private to this room. */
#pragma once

#include "rules/rules_parse.h"

#define WORDS_MAX 64

struct words {
	char *word[WORDS_MAX]; /* NUL-terminated; they point into the text that was split */
	unsigned column[WORDS_MAX];
	size_t n, at;
	unsigned line, end_column; /* end_column: just after the last word */
	struct rules_error *error; /* borrowed */
};

/* Splits one line, which has no newline, in place, and stops at a comment. -EINVAL or -EFBIG with the error set. */
int words_split(char *line, size_t len, unsigned number, struct rules_error *error, struct words *ret);

/* The next word, or NULL at the end of the line. */
const char *words_peek(const struct words *w);
/* Takes the next word. At the end of the line -EINVAL, and the error says that `expected` was expected. */
int words_next(struct words *w, const char *expected, const char **ret);
/* Takes the next word if it is this one. */
bool words_accept(struct words *w, const char *word);
/* Sets the error at the next word, or at the end of the line; returns err. */
int words_fail(struct words *w, int err, const char *fmt, ...) _printf_(3, 4);
/* Sets the error at the word that was taken last; returns err. */
int words_fail_last(struct words *w, int err, const char *fmt, ...) _printf_(3, 4);
