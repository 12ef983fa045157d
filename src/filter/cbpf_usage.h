/* SPDX-License-Identifier: GPL-2.0-only */
/* Which instructions of a classic BPF program are reachable, and what they use. */
#pragma once

#include <linux/filter.h>

#include "filter/cbpf.h"

/* Bytes of stack that a translated program uses, unless it has more than a dozen scratch words; then 80. Its callers
 * use 416 of the 512 bytes that the verifier allows them together: it rounds each frame up to 32 bytes (16 in
 * Linux 7.2). tests/unit/test-insn-stack.c holds them to that. */
#define FILTER_STACK_BYTES 64u
#define LOADED_BYTES	   4u  /* of these, for the bytes of one load */
#define LEN_BYTES	   12u /* and for the packet's length, if it is used: 8 bytes, aligned */

/* The most bytes of the window (see ebpf.c). */
#define WINDOW_BYTES_MAX (FILTER_STACK_BYTES - LOADED_BYTES - 2)

struct cbpf_usage {
	bool *reached;	    /* owned; by index. The verifier rejects unreachable instructions, so these are left out */
	uint32_t n_scratch; /* words of M[] in use */
	bool len;	    /* the packet's length is used */
	uint32_t window_max_bytes; /* the most bytes that the window may have */
	uint32_t window_bytes;	   /* up to the end of the last load from the window; 0: no such load */
	int32_t words_at_2;	   /* loads of words from the window at offsets 2 mod 4, minus those at 0 mod 4 */
};

/* Fills *u, which must be all zero. -EINVAL for an unknown scratch word, a jump backward or out of the program;
 * -ENOMEM. The caller frees u->reached in any case. */
int cbpf_usage_explore(const struct cbpf_prog *p, struct cbpf_usage *u);

static inline bool cbpf_is_packet_load(const struct cbpf_insn *i)
{
	if (BPF_CLASS(i->code) == BPF_LD)
		return BPF_MODE(i->code) == BPF_ABS || BPF_MODE(i->code) == BPF_IND;
	return BPF_CLASS(i->code) == BPF_LDX && BPF_MODE(i->code) == BPF_MSH;
}

static inline bool cbpf_is_indirect(const struct cbpf_insn *i)
{
	return BPF_MODE(i->code) == BPF_IND;
}

static inline uint32_t cbpf_load_bytes(const struct cbpf_insn *i)
{
	return BPF_SIZE(i->code) == BPF_W ? 4 : BPF_SIZE(i->code) == BPF_H ? 2 : 1;
}

static inline bool cbpf_is_in_window(const struct cbpf_usage *u, const struct cbpf_insn *i)
{
	return cbpf_is_packet_load(i) && !cbpf_is_indirect(i) && i->k < u->window_max_bytes &&
	       cbpf_load_bytes(i) <= u->window_max_bytes - i->k;
}
