/* SPDX-License-Identifier: GPL-2.0-only */
/* Where control goes in a BPF program, once it is known which jumps are decided. Pure; for prune.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From one instruction, by numbers; that of the program's end where there is no such edge. */
struct flow_edges {
	bool reached;	/* it can be come to */
	bool idle;	/* it does nothing but lead to the next */
	uint32_t next;	/* what stands behind it */
	uint32_t jump;	/* where it jumps */
	uint32_t calls; /* the program's own function that it calls, or hands on */
};

/* A jump that is always taken, and leads to another such jump, goes where that one leads, as far as an instruction's 16
 * bits reach; what is come to no more is said to be so. edges: n, and they only point at instructions. 0 or -ENOMEM. */
int flow_shorten(struct flow_edges *edges, size_t n);
