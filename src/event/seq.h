/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts lost records by their sequence numbers. Each source numbers its records per CPU, including those that it could
 * not write to the ring, so the size of a gap is the number of lost records.
 */
#pragma once

#include <stdint.h>

struct seq_track {
	uint64_t *next; /* owned; the next number of each source and CPU, by source, then CPU */
	uint32_t n_cpus, n_sources;
	uint64_t gaps;	   /* lost records between received ones */
	uint64_t disorder; /* records with a number below the next one, or with an unknown CPU or source */
};

/* 0 or -ENOMEM. */
int seq_init(struct seq_track *t, uint32_t n_sources, uint32_t n_cpus);
void seq_free(struct seq_track *t);
/* Notes that a record was received. */
void seq_note(struct seq_track *t, uint32_t source, uint32_t cpu, uint64_t seq);
/* Lost records after the last received one. numbered: how many records the kernel has numbered. */
uint64_t seq_tail(const struct seq_track *t, uint32_t source, uint32_t cpu, uint64_t numbered);
