/* SPDX-License-Identifier: GPL-2.0-only */
/* Which instructions of a BPF program compute what nobody reads. Pure; for prune.h. */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "kern/flow.h"

/* ret_dead: n, of wide instructions the first slot counts. What a removed instruction alone would have read is not
 * read, so they go in chains. Memory is always read. 0 or -ENOMEM. */
int live_find_dead(const struct bpf_insn *insns, const struct flow_edges *edges, size_t n, bool *ret_dead);
