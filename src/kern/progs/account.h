/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel counts of programs and links: calls that it skipped, and how long programs ran. Private to this room.
 */
#pragma once

#include <stdint.h>

/* Adds how often the kernel skipped the program because another of ours was running on that CPU (recursion_misses). 1
 * if this kernel has the count (5.12), 0 if not, or -errno. */
int account_recursion(int prog_fd, uint64_t *lost);
/* Adds how long the program ran, in nanoseconds. The kernel counts that only while somebody holds bpf_enable_stats(). 0
 * or -errno. */
int account_run_time(int prog_fd, uint64_t *ns);
/* Adds how many calls the link missed. 1 if this kernel has the count (6.7), 0 if not, or -errno. */
int account_link_missed(int link_fd, uint64_t *lost);
