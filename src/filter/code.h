/* SPDX-License-Identifier: GPL-2.0-only */
/* Builds eBPF code: instructions are appended one by one, and jumps to labels are resolved at the end. */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jump {
	size_t at;    /* index of the jump's instruction */
	size_t label; /* of its target, a number that the caller chooses */
};

/* All zero is empty. If memory runs out, no_memory is set and instructions are missing; code_link() reports it. */
struct code {
	struct bpf_insn *insns; /* owned */
	size_t n;
	struct jump *jumps; /* owned */
	size_t n_jumps;
	bool no_memory;
};

void code_add(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int16_t off, int32_t imm);
/* A jump to the label. code_link() sets its distance. */
void code_jump(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int32_t imm, size_t label);
/* Sets the distances of all jumps. where[label]: index of the label's instruction, which is after all jumps to it. 0,
 * -ENOMEM if memory ran out while the code was built, -E2BIG if a jump is too long. */
int code_link(struct code *c, const size_t *where);
void code_free(struct code *c);

/* Common instructions. code_mov32() and code_mov_imm() clear the upper 32 bits. */
void code_mov64(struct code *c, uint8_t dst, uint8_t src);
void code_mov32(struct code *c, uint8_t dst, uint8_t src);
void code_mov_imm(struct code *c, uint8_t dst, uint32_t imm);
void code_add_imm(struct code *c, uint8_t dst, int32_t imm); /* 64 bits */
void code_return(struct code *c, uint32_t imm);
