/* SPDX-License-Identifier: GPL-2.0-only */
/* eBPF instructions under construction: appended one by one, with jumps to places that are laid out later. */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jump {
	size_t at;    /* index of the jump's instruction */
	size_t label; /* what the caller calls its target */
};

/* All zero is empty. Once memory runs out nothing more is appended and no_memory is set: asked once, at the end. */
struct code {
	struct bpf_insn *insns; /* owned */
	size_t n, cap;
	struct jump *jumps; /* owned */
	size_t n_jumps, cap_jumps;
	bool no_memory;
};

void code_add(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int16_t off, int32_t imm);
/* A jump to the label, whose distance code_link() fills in. */
void code_jump(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int32_t imm, size_t label);
/* where[label]: index of the label's instruction, after all jumps to it. 0, -ENOMEM if it has run out before, -E2BIG if
 * a jump would not reach. */
int code_link(struct code *c, const size_t *where);
void code_free(struct code *c);

/* The usual ones. Moves of 32 bits clear the upper half. */
void code_mov64(struct code *c, uint8_t dst, uint8_t src);
void code_mov32(struct code *c, uint8_t dst, uint8_t src);
void code_mov_imm(struct code *c, uint8_t dst, uint32_t imm);
void code_add_imm(struct code *c, uint8_t dst, int32_t imm); /* 64 bits */
void code_return(struct code *c, uint32_t imm);
