/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions: Documentation/bpf/standardization/instruction-set.rst of the kernel. */
#include "kern/fold.h"

#include <string.h>

static struct fold_value anything(void)
{
	return (struct fold_value){.kind = FOLD_ANYTHING};
}

static struct fold_value constant(uint64_t bits)
{
	return (struct fold_value){.kind = FOLD_CONSTANT, .bits = bits};
}

static bool alu(uint8_t op, uint64_t a, uint64_t b, bool wide, uint64_t *ret)
{
	unsigned shift = b & (wide ? 63 : 31);

	switch (op) {
	case BPF_ADD:
		*ret = a + b;
		break;
	case BPF_SUB:
		*ret = a - b;
		break;
	case BPF_AND:
		*ret = a & b;
		break;
	case BPF_OR:
		*ret = a | b;
		break;
	case BPF_XOR:
		*ret = a ^ b;
		break;
	case BPF_MOV:
		*ret = b;
		break;
	case BPF_LSH:
		*ret = a << shift;
		break;
	case BPF_RSH:
		*ret = a >> shift;
		break;
	case BPF_ARSH:
		*ret = wide ? (uint64_t)((int64_t)a >> shift) : (uint32_t)((int32_t)a >> shift);
		break;
	default:
		return false;
	}
	return true;
}

struct fold_value fold_source(const struct fold_regs *regs, const struct bpf_insn *i)
{
	if (BPF_SRC(i->code) == BPF_K)
		return constant((uint64_t)(int64_t)i->imm);
	return i->src_reg < FOLD_REGS ? regs->r[i->src_reg] : anything();
}

struct fold_value fold_destination(const struct fold_regs *regs, const struct bpf_insn *i)
{
	return i->dst_reg < FOLD_REGS ? regs->r[i->dst_reg] : anything();
}

static struct fold_value compute(const struct fold_regs *regs, const struct bpf_insn *i)
{
	bool wide = BPF_CLASS(i->code) == BPF_ALU64;
	struct fold_value a = fold_destination(regs, i), b = fold_source(regs, i);
	uint64_t bits;

	if (i->off) /* signed moves and divisions */
		return anything();
	if (wide && BPF_OP(i->code) == BPF_MOV)
		return b;
	if (wide && BPF_OP(i->code) == BPF_ADD && a.kind == FOLD_PLACE && b.kind == FOLD_CONSTANT)
		return (struct fold_value){.kind = FOLD_PLACE, .map = a.map, .bits = a.bits + b.bits};
	if (b.kind != FOLD_CONSTANT || (a.kind != FOLD_CONSTANT && BPF_OP(i->code) != BPF_MOV))
		return anything();
	if (!wide) {
		a.bits = (uint32_t)a.bits;
		b.bits = (uint32_t)b.bits;
	}
	if (!alu(BPF_OP(i->code), a.bits, b.bits, wide, &bits))
		return anything();
	return constant(wide ? bits : (uint32_t)bits);
}

static struct fold_value load_wide(const struct fold_consts *consts, const struct bpf_insn *i)
{
	if (i->src_reg == 0)
		return constant((uint32_t)i[0].imm | (uint64_t)(uint32_t)i[1].imm << 32);
	for (uint32_t m = 0; i->src_reg == BPF_PSEUDO_MAP_VALUE && m < consts->n; m++)
		if (consts->v[m].map_fd == i->imm)
			return (struct fold_value){.kind = FOLD_PLACE, .map = m, .bits = (uint32_t)i[1].imm};
	return anything();
}

static struct fold_value load(const struct fold_consts *consts, const struct fold_regs *regs, const struct bpf_insn *i)
{
	struct fold_value base = i->src_reg < FOLD_REGS ? regs->r[i->src_reg] : anything();
	const struct prune_const *c;
	uint64_t at, bits = 0;
	size_t size;

	if (base.kind != FOLD_PLACE || BPF_MODE(i->code) != BPF_MEM)
		return anything();
	c = &consts->v[base.map];
	at = base.bits + (uint64_t)(int64_t)i->off;
	size = BPF_SIZE(i->code) == BPF_B ? 1 : BPF_SIZE(i->code) == BPF_H ? 2 : BPF_SIZE(i->code) == BPF_W ? 4 : 8;
	if (at > c->n_bytes || size > c->n_bytes - at)
		return anything();
	/* the host's byte order is the program's */
	memcpy(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? (char *)&bits : (char *)&bits + sizeof(bits) - size,
	       (const char *)c->data + at, size);
	return constant(bits);
}

static void forget(struct fold_regs *regs, unsigned reg)
{
	if (reg < FOLD_REGS)
		regs->r[reg] = anything();
}

void fold_step(const struct fold_consts *consts, struct fold_regs *regs, const struct bpf_insn *i)
{
	struct fold_value v;

	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		v = compute(regs, i);
		if (i->dst_reg < FOLD_REGS)
			regs->r[i->dst_reg] = v;
		break;
	case BPF_LD:
		if (!fold_is_wide(i)) /* a packet's bytes, as a call */
			for (unsigned r = 0; r <= BPF_REG_5; r++)
				forget(regs, r);
		else if (i->dst_reg < FOLD_REGS)
			regs->r[i->dst_reg] = load_wide(consts, i);
		break;
	case BPF_LDX:
		v = load(consts, regs, i);
		if (i->dst_reg < FOLD_REGS)
			regs->r[i->dst_reg] = v;
		break;
	case BPF_STX:
		if (BPF_MODE(i->code) == BPF_ATOMIC) { /* may fetch what was there */
			forget(regs, i->src_reg);
			forget(regs, i->dst_reg);
			forget(regs, BPF_REG_0);
		}
		break;
	case BPF_JMP: /* a call */
		for (unsigned r = 0; r <= BPF_REG_5; r++)
			forget(regs, r);
		break;
	default:
		break;
	}
}

static bool compare(uint8_t op, uint64_t a, uint64_t b, bool wide)
{
	int64_t sa = wide ? (int64_t)a : (int32_t)a, sb = wide ? (int64_t)b : (int32_t)b;

	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return a & b;
	case BPF_JSGT:
		return sa > sb;
	case BPF_JSGE:
		return sa >= sb;
	case BPF_JSLT:
		return sa < sb;
	default: /* BPF_JSLE: fold_knows_jump() */
		return sa <= sb;
	}
}

unsigned fold_ways(const struct fold_regs *regs, const struct bpf_insn *i)
{
	bool wide = BPF_CLASS(i->code) == BPF_JMP;
	struct fold_value a = fold_destination(regs, i), b = fold_source(regs, i);

	if (BPF_OP(i->code) == BPF_JA)
		return FOLD_JUMPS;
	if (a.kind != FOLD_CONSTANT || b.kind != FOLD_CONSTANT)
		return FOLD_JUMPS | FOLD_FALLS;
	if (!wide) {
		a.bits = (uint32_t)a.bits;
		b.bits = (uint32_t)b.bits;
	}
	return compare(BPF_OP(i->code), a.bits, b.bits, wide) ? FOLD_JUMPS : FOLD_FALLS;
}

static bool same(const struct fold_value *a, const struct fold_value *b)
{
	return a->kind == b->kind && a->map == b->map && a->bits == b->bits;
}

void fold_blank(struct fold_regs *ret)
{
	for (unsigned r = 0; r < FOLD_REGS; r++)
		ret->r[r] = anything();
}

bool fold_knows_jump(const struct bpf_insn *i)
{
	return i->code != (BPF_JMP32 | BPF_JA) && BPF_OP(i->code) <= BPF_JSLE;
}

bool fold_meet(struct fold_regs *known, const struct fold_regs *now)
{
	bool changed = false;

	for (unsigned r = 0; r < FOLD_REGS; r++) {
		struct fold_value *k = &known->r[r];

		if (k->kind == FOLD_ANYTHING || same(k, &now->r[r]))
			continue;
		*k = k->kind == FOLD_NOT_KNOWN_YET ? now->r[r] : anything();
		changed = true;
	}
	return changed;
}
