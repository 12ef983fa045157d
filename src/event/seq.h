/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequence numbers: each source numbers its records per CPU, lost ones too, so a gap is a loss and its size is known.
 */
#pragma once

#include <stdint.h>

struct seq_track {
	uint64_t *next; /* owned; by source, then CPU: the number expected next */
	uint32_t n_cpus, n_sources;
	uint64_t gaps;	   /* records missing between received ones */
	uint64_t disorder; /* records numbered below what was expected, or of a CPU or source beyond the table */
};

/* 0 or -ENOMEM. */
int seq_init(struct seq_track *t, uint32_t n_sources, uint32_t n_cpus);
void seq_free(struct seq_track *t);
void seq_note(struct seq_track *t, uint32_t source, uint32_t cpu, uint64_t seq);
/* Records missing after the last one received, given how many the kernel numbered. */
uint64_t seq_tail(const struct seq_track *t, uint32_t source, uint32_t cpu, uint64_t numbered);
