/* SPDX-License-Identifier: GPL-2.0-only */
#include "filter/code.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

void code_add(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	if (ARRAY_GROW(c->insns, c->n) < 0) {
		c->no_memory = true;
		return;
	}
	c->insns[c->n++] = (struct bpf_insn){.code = op, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm};
}

void code_jump(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int32_t imm, size_t label)
{
	if (ARRAY_GROW(c->jumps, c->n_jumps) < 0) {
		c->no_memory = true;
		return;
	}
	c->jumps[c->n_jumps++] = (struct jump){.at = c->n, .label = label};
	code_add(c, op, dst, src, 0, imm);
}

int code_link(struct code *c, const size_t *where)
{
	if (c->no_memory)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_jumps; i++) {
		size_t distance = where[c->jumps[i].label] - c->jumps[i].at - 1;

		if (distance > INT16_MAX)
			return -E2BIG;
		c->insns[c->jumps[i].at].off = (int16_t)distance;
	}
	return 0;
}

void code_free(struct code *c)
{
	free(c->insns);
	free(c->jumps);
	*c = (struct code){0};
}

void code_mov64(struct code *c, uint8_t dst, uint8_t src)
{
	code_add(c, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

void code_mov32(struct code *c, uint8_t dst, uint8_t src)
{
	code_add(c, BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0);
}

void code_mov_imm(struct code *c, uint8_t dst, uint32_t imm)
{
	code_add(c, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, (int32_t)imm);
}

void code_add_imm(struct code *c, uint8_t dst, int32_t imm)
{
	/* NOLINTNEXTLINE(misc-redundant-expression): both are 0 */
	const uint8_t add_k = BPF_ALU64 | BPF_ADD | BPF_K;

	if (imm)
		code_add(c, add_k, dst, 0, 0, imm);
}

void code_return(struct code *c, uint32_t imm)
{
	code_mov_imm(c, BPF_REG_0, imm);
	code_add(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}
