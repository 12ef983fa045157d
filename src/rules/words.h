/* SPDX-License-Identifier: GPL-2.0-only */
/* A line's words, and a cursor over them that knows the column. Private to this room. */
#pragma once

#include "rules/parse.h"

#define WORDS_MAX 64

struct words {
	char *word[WORDS_MAX]; /* NUL-terminated, in the text that was split */
	unsigned column[WORDS_MAX];
	size_t n, at;
	unsigned line, end_column; /* just past the last word */
	struct rules_error *error; /* borrowed */
};

/* Splits one line in place, without its newline, up to a comment. -EINVAL or -EFBIG with the error set. */
int words_split(char *line, size_t len, unsigned number, struct rules_error *error, struct words *ret);

/* The next word, or NULL at the end of the line. */
const char *words_peek(const struct words *w);
/* The same and steps past it; at the end -EINVAL and "... wanted" as the error. */
int words_next(struct words *w, const char *wanted, const char **ret);
/* Steps past the next word if it is this one. */
bool words_accept(struct words *w, const char *word);
/* The error at the next word, or at the end of the line; returns err. */
int words_fail(struct words *w, int err, const char *fmt, ...) _printf_(3, 4);
/* The error at the word before: the one just taken. */
int words_fail_last(struct words *w, int err, const char *fmt, ...) _printf_(3, 4);
