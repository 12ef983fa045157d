/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "bpf/event.h"
#include "event/seq.h"
#include "kern/error/kern_error.h"

#define RING_MAX_BYTES	 (1u << 30)
#define RECORDS_PER_LOOK 64 /* between two looks at the clock */
#define NS_PER_MS	 1000000ull
#define TURN_NS		 (100 * NS_PER_MS)

struct ring {
	struct ring_opts opts;
	struct ring_buffer *buffer; /* owned */
	struct seq_track seq;
	uint64_t turn_end_ns; /* CLOCK_MONOTONIC: when ring_poll() returns although more records wait; 0: never */
	unsigned turn_records;
	uint64_t received, malformed, started_ns;
};

uint32_t ring_round(uint64_t bytes)
{
	uint32_t size = sysconf(_SC_PAGESIZE);

	while (size < bytes && size < RING_MAX_BYTES)
		size *= 2;
	return size;
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct ring *r = ctx;
	int err = r->opts.on_record(r->opts.ctx, data, size);

	if (err < 0)
		return err;
	if (r->turn_end_ns == 0 || ++r->turn_records % RECORDS_PER_LOOK)
		return 0;
	return clock_monotonic_ns() < r->turn_end_ns ? 0 : -EINTR;
}

int ring_new(const struct ring_opts *opts, struct ring **ret, struct reason *reason)
{
	_cleanup_(ring_freep) struct ring *r = calloc(1, sizeof(*r));
	int n_cpus = libbpf_num_possible_cpus(), err;

	if (!r)
		return -ENOMEM;
	if (n_cpus < 0)
		return n_cpus;
	r->opts = *opts;
	err = seq_init(&r->seq, bpf_map__max_entries(opts->counters), n_cpus);
	if (err < 0)
		return err;
	r->buffer = ring_buffer__new(bpf_map__fd(opts->records), on_record, r, NULL);
	if (!r->buffer)
		return kern_error_set(-errno, "map the ring buffer", reason);
	*ret = TAKE_PTR(r);
	return 0;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	ring_buffer__free(r->buffer);
	seq_free(&r->seq);
	free(r);
}

uint64_t ring_count(struct ring *r, uint32_t source, uint32_t cpu, uint64_t seq)
{
	seq_note(&r->seq, source, cpu, seq);
	return r->received++;
}

void ring_note(struct ring *r, uint32_t source, uint32_t cpu, uint64_t seq)
{
	seq_note(&r->seq, source, cpu, seq);
}

int ring_malformed(struct ring *r)
{
	r->malformed++;
	return 0;
}

void ring_start(struct ring *r)
{
	__atomic_store_n(r->opts.on, 1, __ATOMIC_SEQ_CST);
	r->started_ns = clock_monotonic_ns();
}

int ring_fd(const struct ring *r)
{
	return ring_buffer__epoll_fd(r->buffer);
}

int ring_poll(struct ring *r, int timeout_ms)
{
	int err;

	r->turn_end_ns = clock_monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS + TURN_NS;
	err = ring_buffer__poll(r->buffer, timeout_ms);
	/* the kernel wakes us only when many records wait (bpf/trace.bpf.c): read those that wait after the timeout */
	if (err == 0)
		err = ring_buffer__consume(r->buffer);
	/* on_record() ended the turn: no signal came */
	if (err == -EINTR && clock_monotonic_ns() >= r->turn_end_ns)
		err = 0;
	r->turn_end_ns = 0;
	return err < 0 ? err : 0;
}

void ring_stop(struct ring *r, struct lost_events *ledger)
{
	ledger->duration_ns = clock_monotonic_ns() - r->started_ns;
	__atomic_store_n(r->opts.on, 0, __ATOMIC_SEQ_CST);
}

/* Adds the records that were lost in the ring and those that the rate limit held back. 0 or -errno. */
static int account(const struct ring *r, struct lost_events *ledger)
{
	_cleanup_free_ struct st_counters *c = calloc(r->seq.n_cpus, sizeof(*c));
	uint64_t refused = 0, missing = r->seq.gaps + r->seq.disorder;

	if (!c)
		return -ENOMEM;
	for (uint32_t source = 0; source < r->seq.n_sources; source++) {
		int err = bpf_map__lookup_elem(r->opts.counters, &source, sizeof(source), c, r->seq.n_cpus * sizeof(*c),
					       0);

		if (err < 0)
			return err;
		for (uint32_t cpu = 0; cpu < r->seq.n_cpus; cpu++) {
			refused += c[cpu].lost_ring;
			ledger->limited += c[cpu].limited;
			missing += seq_tail(&r->seq, source, cpu, c[cpu].seq);
		}
	}
	/* both count the same losses; where they differ, the larger number is safe */
	ledger->lost_ring += (refused > missing ? refused : missing) + r->malformed;
	return 0;
}

int ring_finish(struct ring *r, struct lost_events *ledger)
{
	int err = ring_buffer__consume(r->buffer);

	if (err < 0)
		return err;
	ledger->events = r->received;
	return account(r, ledger);
}
