/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

struct ring_buffer;

/* What the kernel takes as a ring's size: a power of two and whole pages (kernel/bpf/ringbuf.c), at most 1 GiB. */
uint32_t ring_round(uint64_t bytes);

/* How long records are handed on at a time. libbpf alone goes on until the ring is empty, which it never is while they
 * come as fast as they are read: then nobody would look at the clock, or whether a signal came. */
#define RING_TURN_NS 100000000ull

struct ring_turn {
	uint64_t end_ns; /* CLOCK_MONOTONIC; 0: no end */
	unsigned records;
};

/* Waits up to timeout_ms for records and hands them on for a turn. 0, -EINTR, or an error of the ring's callback, which
 * returns ring_turn_over() where it has none. Afterwards turns have no end again. */
int ring_poll(struct ring_buffer *ring, struct ring_turn *turn, int timeout_ms);
/* -EINTR once the turn is over, else 0. Cheap enough to be asked after every record. */
int ring_turn_over(struct ring_turn *turn);
