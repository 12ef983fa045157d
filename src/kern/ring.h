/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring buffer through which the programs of one object send their records: read, and every record accounted for.
 *
 * Theory of operation. The programs number their records per source and CPU, and count in a map those for which the
 * ring had no space. So a loss shows twice: as a gap in the numbers, and in that count.
 */
#pragma once

#include "base/cleanup.h"
#include "base/reason.h"
#include "event/lost_events.h"

struct bpf_map;
struct ring;

/* The size in bytes that the kernel takes for a ring: a power of two of at least a page (kernel/bpf/ringbuf.c), at most
 * 1 GiB. */
uint32_t ring_round(uint64_t bytes);

struct ring_opts {
	const struct bpf_map *records;	/* the ring buffer */
	const struct bpf_map *counters; /* struct st_counters by source and CPU */
	uint32_t *on;			/* the programs' variable st_on: they record while it is not 0 */
	/* Called for each record. It returns ring_malformed() for one that cannot be decoded, else calls ring_count()
	 * and returns 0, or -errno to stop polling. */
	int (*on_record)(void *ctx, void *data, size_t size);
	void *ctx;
};

/* Maps the ring of a loaded object, which must outlive it. -errno with a reason. */
int ring_new(const struct ring_opts *opts, struct ring **ret, struct reason *reason);
void ring_free(struct ring *r); /* NULL is fine */
DEFINE_CLEANUP(struct ring *, ring_free)

/* Counts the record with the number seq of that source and CPU. Returns its number among all records, from 0 on. */
uint64_t ring_count(struct ring *r, uint32_t source, uint32_t cpu, uint64_t seq);
/* Like ring_count(), for a record that is no event. */
void ring_note(struct ring *r, uint32_t source, uint32_t cpu, uint64_t seq);
/* Counts a record that cannot be decoded. Returns 0. */
int ring_malformed(struct ring *r);

/* From now on the programs record. Called when all of them are attached, so that no packet is seen by some of them
 * only.
 */
void ring_start(struct ring *r);
/* Readable while records wait: for poll(2). */
int ring_fd(const struct ring *r);
/* Waits up to timeout_ms for records and hands them to on_record, for 100 ms longer at most: while records arrive as
 * fast as they are read, libbpf alone would go on for ever. 0, -EINTR, or an error of on_record. */
int ring_poll(struct ring *r, int timeout_ms);
/* From now on the programs do not record. Sets the ledger's duration. Called before the first program is detached. */
void ring_stop(struct ring *r, struct lost_events *ledger);
/* When the programs are detached: hands the last records to on_record, sets the ledger's events, and adds to what was
 * lost and limited. 0, an error of on_record, or -errno. */
int ring_finish(struct ring *r, struct lost_events *ledger);
