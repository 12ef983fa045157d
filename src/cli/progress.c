/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define SHOW_AFTER_NS 500000000ull
#define REDRAW_NS     100000000ull
#define BAR_COLUMNS   30
#define CLEAR_LINE    "\r\033[K"

struct progress progress_start(const char *what)
{
	return (struct progress){.what = what, .started_ns = clock_monotonic_ns(), .tty = isatty(STDERR_FILENO)};
}

void progress_update(struct progress *p, size_t done, size_t total)
{
	char bar[BAR_COLUMNS + 1];
	uint64_t now = clock_monotonic_ns();

	if (!p->tty || !total || now - p->started_ns < SHOW_AFTER_NS || now - p->drawn_ns < REDRAW_NS)
		return;
	for (size_t i = 0; i < BAR_COLUMNS; i++)
		bar[i] = i * total < done * BAR_COLUMNS ? '#' : '.';
	bar[BAR_COLUMNS] = '\0';
	fprintf(stderr, CLEAR_LINE "%s [%s] %zu/%zu", p->what, bar, done, total);
	p->drawn_ns = now;
	p->shown = true;
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs(CLEAR_LINE, stderr);
	p->shown = false;
}
