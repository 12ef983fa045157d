/* SPDX-License-Identifier: GPL-2.0-only */
/* A progress bar on standard error, if that is a terminal and the work takes more than half a second. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	const char *what; /* "attaching" */
	uint64_t started_ns, drawn_ns;
	bool tty, shown;
};

struct progress progress_start(const char *what);
void progress_update(struct progress *p, size_t done, size_t total);
/* Removes the bar. */
void progress_end(struct progress *p);
