/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/reduce.h"

static bool is_alu(const struct bpf_insn *i)
{
	return BPF_CLASS(i->code) == BPF_ALU || BPF_CLASS(i->code) == BPF_ALU64;
}

/* As an instruction has it: 32 bits, the sign continued to 64. */
static bool fits(uint64_t bits)
{
	return bits == (uint64_t)(int64_t)(int32_t)bits;
}

/* The register is set to what it would have become. */
static bool set_constant(uint64_t bits, struct bpf_insn *i)
{
	uint8_t class = fits(bits) ? BPF_ALU64 : BPF_ALU; /* the latter clears the upper half */

	if (!fits(bits) && bits > UINT32_MAX)
		return false;
	*i = (struct bpf_insn){.code = class | BPF_MOV | BPF_K, .dst_reg = i->dst_reg, .imm = (int32_t)bits};
	return true;
}

/* A verifier refuses constants with which some operations mean nothing, and takes them in registers. */
static bool takes_constant(const struct bpf_insn *i, uint64_t bits)
{
	bool wide = BPF_CLASS(i->code) == BPF_ALU64 || BPF_CLASS(i->code) == BPF_JMP;

	if (!wide)
		bits = (uint64_t)(int64_t)(int32_t)bits;
	if (!fits(bits))
		return false;
	if (!is_alu(i))
		return true;
	switch (BPF_OP(i->code)) {
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
		return bits < (wide ? 64 : 32);
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_AND:
	case BPF_OR:
	case BPF_XOR:
	case BPF_MOV:
		return i->off == 0;
	default:
		return false;
	}
}

/* The comparison that says the same with its operands exchanged. */
static uint8_t exchanged(uint8_t op)
{
	switch (op) {
	case BPF_JGT:
		return BPF_JLT;
	case BPF_JLT:
		return BPF_JGT;
	case BPF_JGE:
		return BPF_JLE;
	case BPF_JLE:
		return BPF_JGE;
	case BPF_JSGT:
		return BPF_JSLT;
	case BPF_JSLT:
		return BPF_JSGT;
	case BPF_JSGE:
		return BPF_JSLE;
	case BPF_JSLE:
		return BPF_JSGE;
	default: /* BPF_JEQ, BPF_JNE, BPF_JSET */
		return op;
	}
}

void reduce(const struct reduce_known *known, struct bpf_insn *i)
{
	bool computes = is_alu(i) || (BPF_CLASS(i->code) == BPF_LDX && BPF_MODE(i->code) == BPF_MEM);
	bool has_source = (is_alu(i) || (fold_is_jump(i) && BPF_OP(i->code) != BPF_JA)) && BPF_SRC(i->code) == BPF_X;

	if (computes && known->result.kind == FOLD_CONSTANT && set_constant(known->result.bits, i))
		return;
	if (!has_source || (is_alu(i) && (BPF_OP(i->code) == BPF_END || BPF_OP(i->code) == BPF_NEG)))
		return;
	if (known->source.kind == FOLD_CONSTANT && takes_constant(i, known->source.bits)) {
		i->code = (uint8_t)((i->code & ~BPF_X) | BPF_K);
		i->src_reg = 0;
		i->imm = (int32_t)known->source.bits;
	} else if (!is_alu(i) && known->result.kind == FOLD_CONSTANT && takes_constant(i, known->result.bits)) {
		*i = (struct bpf_insn){.code = BPF_CLASS(i->code) | exchanged(BPF_OP(i->code)) | BPF_K,
				       .dst_reg = i->src_reg,
				       .off = i->off,
				       .imm = (int32_t)known->result.bits};
	}
}
