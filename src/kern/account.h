/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accounting for loss: records the ring had no room for, numbers that never arrived, and programs the kernel skipped.
 * Private to this room.
 */
#pragma once

#include <bpf/libbpf.h>

#include "event/ledger.h"
#include "event/seq.h"

/* Adds to ledger->lost_ring what the counters in the map and the sequence numbers say together. 0 or -errno. */
int account_ring(const struct bpf_map *counters, const struct seq_track *seq, struct ledger *ledger);
/* Adds the program's recursion_misses. Returns 1 if this kernel has that count (5.12), 0 if not, or -errno. */
int account_recursion(int prog_fd, uint64_t *lost);
/* Adds how long a program ran, nanoseconds; counted only while somebody holds bpf_enable_stats(). 0 or -errno. */
int account_run_time(int prog_fd, uint64_t *ns);
/* Adds the link's missed count. Returns 1 if this kernel has it (6.7), 0 if not, or -errno. */
int account_link_missed(int link_fd, uint64_t *lost);
/* Whether the running kernel is at least this version. */
bool kernel_at_least(unsigned major, unsigned minor);
