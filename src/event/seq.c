/* SPDX-License-Identifier: GPL-2.0-only */
#include "event/seq.h"

#include <errno.h>
#include <stdlib.h>

int seq_init(struct seq_track *t, uint32_t n_sources, uint32_t n_cpus)
{
	uint64_t *next = calloc((size_t)n_sources * n_cpus, sizeof(*next));

	if (!next)
		return -ENOMEM;
	*t = (struct seq_track){.next = next, .n_cpus = n_cpus, .n_sources = n_sources};
	return 0;
}

void seq_free(struct seq_track *t)
{
	free(t->next);
	t->next = NULL;
	t->n_cpus = t->n_sources = 0;
}

void seq_note(struct seq_track *t, uint32_t source, uint32_t cpu, uint64_t seq)
{
	uint64_t *next;

	if (source >= t->n_sources || cpu >= t->n_cpus) {
		t->disorder++;
		return;
	}
	next = &t->next[(size_t)source * t->n_cpus + cpu];
	if (seq < *next) {
		t->disorder++;
		return;
	}
	t->gaps += seq - *next;
	*next = seq + 1;
}

uint64_t seq_tail(const struct seq_track *t, uint32_t source, uint32_t cpu, uint64_t numbered)
{
	uint64_t next;

	if (source >= t->n_sources || cpu >= t->n_cpus)
		return numbered;
	next = t->next[(size_t)source * t->n_cpus + cpu];
	return numbered > next ? numbered - next : 0;
}
