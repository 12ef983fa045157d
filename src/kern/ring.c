/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"

#define RING_MAX_BYTES	 (1u << 30)
#define RECORDS_PER_LOOK 64
#define NS_PER_MS	 1000000ull

uint32_t ring_round(uint64_t bytes)
{
	uint32_t size = sysconf(_SC_PAGESIZE);

	while (size < bytes && size < RING_MAX_BYTES)
		size *= 2;
	return size;
}

int ring_poll(struct ring_buffer *ring, struct ring_turn *turn, int timeout_ms)
{
	int r;

	turn->end_ns = clock_monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS + RING_TURN_NS;
	r = ring_buffer__poll(ring, timeout_ms);
	/* the kernel wakes us only when much is waiting (see trace.bpf.c), so look after the wait in any case */
	if (r == 0)
		r = ring_buffer__consume(ring);
	/* not a signal */
	if (r == -EINTR && clock_monotonic_ns() >= turn->end_ns)
		r = 0;
	turn->end_ns = 0;
	return r < 0 ? r : 0;
}

int ring_turn_over(struct ring_turn *turn)
{
	if (turn->end_ns == 0 || ++turn->records % RECORDS_PER_LOOK)
		return 0;
	return clock_monotonic_ns() < turn->end_ns ? 0 : -EINTR;
}
