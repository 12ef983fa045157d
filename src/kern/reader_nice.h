/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who reads the ring stands back for who works on the node: it is nice(2) while the ring is near empty, and the less so
 * the fuller the ring gets; from half full on it is what it was started as. So where a CPU is short, the node's own
 * work comes first while there is room. What a ring loses because it filled up before its reader ran again is counted
 * as ever. Niceness weighs within a cgroup, or an autogroup (sched(7)), not between them. Private to this room.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

struct reader_nice;

/* From now on, for the calling thread. ring_fd: of a BPF_MAP_TYPE_RINGBUF of ring_bytes, borrowed. *ret is NULL where a
 * thread could not come back from it (setrlimit(2): RLIMIT_NICE does not allow it, nor CAP_SYS_RESOURCE to raise that),
 * which is no error. 0 or -errno. */
int reader_nice_start(int ring_fd, uint32_t ring_bytes, struct reader_nice **ret);
/* Looks how full the ring is. NULL is fine. */
void reader_nice_look(struct reader_nice *n);
/* Takes no further part: the thread is as nice as it was started. NULL is fine. */
void reader_nice_free(struct reader_nice *n);

DEFINE_CLEANUP(struct reader_nice *, reader_nice_free)

/* How nice to be: base with `waiting` of `size` bytes at half or more, NICE_MAX with none. */
#define NICE_MAX 10
int reader_nice_level(int base, uint64_t waiting, uint64_t size);
