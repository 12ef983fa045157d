/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzzers share. Each fuzz-NAME.c holds libFuzzer's entry point for one kind of input; what may never happen
 * is said with must(), everything else is the sanitizers' business.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond);                      \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* The next byte of the input that steers a fuzzer; 0 once it is used up. */
static inline uint8_t fuzz_byte(struct rd *r)
{
	uint8_t v;

	rd_copy(r, &v, 1);
	return v;
}

/* A copy in a block of its own size and with a NUL behind it, for what takes strings; the caller frees it. */
static inline char *fuzz_string(const void *data, size_t size)
{
	char *s = malloc(size + 1);

	must(s);
	if (size)
		memcpy(s, data, size);
	s[size] = '\0';
	return s;
}
