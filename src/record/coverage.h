/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The payload of REC_BLOCK_COVERAGE. Names of functions are compressed: a trace of every function has two thousand,
 * many more bytes than the events of a ping.
 */
#pragma once

#include "base/buf.h"
#include "record/record.h"

/* The most bytes of all names of functions together, each with its NUL. */
#define COVERAGE_NAMES_MAX (1u << 20)

/* A payload that was decoded. */
struct coverage {
	struct record_coverage view; /* points into the others */
	struct record_option *options;
	const char **funcs; /* attached, then refused */
	char *texts, *names;
};

/* Appends the payload. Of functions with too many bytes of names it says that they are not known. -ENOMEM, or -E2BIG if
 * an option is longer than RECORD_TEXT_MAX. */
int coverage_encode(const struct record_coverage *c, struct buf *to);
/* -EBADMSG or -ENOMEM; *ret is left alone then. */
int coverage_decode(const void *payload, size_t len, struct coverage *ret);
void coverage_clear(struct coverage *c);
