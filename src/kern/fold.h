/* SPDX-License-Identifier: GPL-2.0-only */
/* What the registers of a BPF program hold, as far as constants tell: one instruction at a time. Pure; for prune.h. */
#pragma once

#include <stdbool.h>

#include "kern/prune.h"

#define FOLD_REGS 10 /* r10 is the stack: anything */

enum fold_kind { FOLD_NOT_KNOWN_YET, FOLD_CONSTANT, FOLD_PLACE, FOLD_ANYTHING };

struct fold_value {
	enum fold_kind kind;
	uint32_t map;  /* of a place: which constant map */
	uint64_t bits; /* of a constant; of a place: the offset */
};

struct fold_regs {
	struct fold_value r[FOLD_REGS];
};

struct fold_consts {
	const struct prune_const *v;
	size_t n;
};

/* Of two slots. */
static inline bool fold_is_wide(const struct bpf_insn *i)
{
	return i->code == (BPF_LD | BPF_IMM | BPF_DW);
}

static inline bool fold_is_jump(const struct bpf_insn *i)
{
	uint8_t class = BPF_CLASS(i->code), op = BPF_OP(i->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT;
}

/* Whether the jump is one that fold_ways() knows. */
bool fold_knows_jump(const struct bpf_insn *i);
void fold_blank(struct fold_regs *ret); /* all of them anything */
/* What is known after an instruction that is no jump. */
void fold_step(const struct fold_consts *consts, struct fold_regs *regs, const struct bpf_insn *i);
/* The second operand, a register or a constant in the instruction; and the register that it sets, if it sets one: what
 * they hold by regs, before or after it. */
struct fold_value fold_source(const struct fold_regs *regs, const struct bpf_insn *i);
struct fold_value fold_destination(const struct fold_regs *regs, const struct bpf_insn *i);
/* Which ways the jump can go, of these. */
enum { FOLD_JUMPS = 1, FOLD_FALLS = 2 };
unsigned fold_ways(const struct fold_regs *regs, const struct bpf_insn *i);
/* Where edges meet: what both know. Whether *known has changed; it does so at most twice for each register. */
bool fold_meet(struct fold_regs *known, const struct fold_regs *now);
