/* SPDX-License-Identifier: GPL-2.0-only */
/* One benchmark is a step that does n items' work; micro.c repeats it and divides. */
#pragma once

#include <stdint.h>

struct bench {
	const char *name, *item;
	void (*step)(void); /* does n_items of it; aborts on any error */
	uint64_t n_items;
};

/* Each prepares its input once and returns its benchmarks, ended by one without a name. */
const struct bench *bench_trace(void);
const struct bench *bench_symbols(void);
const struct bench *bench_diff(void);

/* Ends the program if what must not fail did. */
void must(int r, const char *what);
