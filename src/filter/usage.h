/* SPDX-License-Identifier: GPL-2.0-only */
/* What a classic program can reach and uses, known before it is translated. */
#pragma once

#include <linux/filter.h>

#include "filter/cbpf.h"

/* The stack that a translated program uses unless it has more than a dozen scratch words, in bytes: what calls it needs
 * 448 of the 512 that the verifier grants both together, in steps of 32 (of 16 by 7.2). */
#define FILTER_STACK_BYTES 64u
#define LOADED_ROOM	   4u  /* of it, for what one load reads */
#define LEN_ROOM	   12u /* and for the packet's length, if it is asked for: 8 bytes, aligned */

/* Bytes of the packet that may be copied at once: see ebpf.c. */
#define WINDOW_MAX (FILTER_STACK_BYTES - LOADED_ROOM - 2)

struct usage {
	bool *reached;	       /* owned; by index: the verifier refuses what cannot be reached, so it is left out */
	uint32_t n_scratch;    /* words of M[] in use */
	bool len;	       /* the packet's length is asked for */
	uint32_t window_room;  /* at most so many bytes may be copied at once */
	uint32_t window_bytes; /* up to the end of the last load within that; 0: no such load */
	int32_t words_at_2;    /* such loads of words at offsets 2 mod 4, minus those at 0 mod 4 */
};

/* Fills *u, which is all zero before. -EINVAL for an unknown scratch word and for jumps backward or out of the program,
 * -ENOMEM; what was allocated is the caller's to free in any case. */
int usage_explore(const struct cbpf_prog *p, struct usage *u);

static inline bool is_packet_load(const struct cbpf_insn *i)
{
	if (BPF_CLASS(i->code) == BPF_LD)
		return BPF_MODE(i->code) == BPF_ABS || BPF_MODE(i->code) == BPF_IND;
	return BPF_CLASS(i->code) == BPF_LDX && BPF_MODE(i->code) == BPF_MSH;
}

static inline bool is_indirect(const struct cbpf_insn *i)
{
	return BPF_MODE(i->code) == BPF_IND;
}

static inline uint32_t load_bytes(const struct cbpf_insn *i)
{
	return BPF_SIZE(i->code) == BPF_W ? 4 : BPF_SIZE(i->code) == BPF_H ? 2 : 1;
}

static inline bool is_in_window(const struct usage *u, const struct cbpf_insn *i)
{
	return is_packet_load(i) && !is_indirect(i) && i->k < u->window_room && load_bytes(i) <= u->window_room - i->k;
}
