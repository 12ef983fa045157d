/* SPDX-License-Identifier: GPL-2.0-only */
/* What is pruned computes the same, and the rest of it can be reached. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kern/fold.h"
#include "kern/prune.h"
#include "test-filter-machine.h"

#define INSNS_MAX 96
#define MAP_FD	  7

/* byte 0: 0, 1: 1; a word at 4, 8 bytes at 8 */
static const struct {
	uint8_t bytes[4];
	uint32_t word;
	uint64_t wide;
} rodata = {{0, 1, 200, 0}, 70000, 0xffffffff00000001};
static const struct prune_const consts[] = {{MAP_FD, &rodata, sizeof(rodata)}};

struct prog {
	struct bpf_insn v[INSNS_MAX];
	size_t n;
	uint32_t at[INSNS_MAX + 1];
	bool kept[INSNS_MAX + 1];
};

static void add(struct prog *p, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	cr_assert_lt(p->n, INSNS_MAX);
	p->v[p->n++] = (struct bpf_insn){.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm};
}

static void mov(struct prog *p, uint8_t dst, int32_t imm)
{
	add(p, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm);
}

/* dst = a part of rodata */
static void load(struct prog *p, uint8_t dst, uint8_t size, int16_t off)
{
	add(p, BPF_LD | BPF_IMM | BPF_DW, dst, BPF_PSEUDO_MAP_VALUE, 0, MAP_FD);
	add(p, 0, 0, 0, 0, 0);
	add(p, BPF_LDX | BPF_MEM | size, dst, dst, off, 0);
}

static void jump(struct prog *p, uint8_t op, uint8_t dst, int32_t imm, int16_t off)
{
	add(p, BPF_JMP | op | BPF_K, dst, 0, off, imm);
}

static void leave(struct prog *p)
{
	add(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int prune_it(struct prog *p)
{
	return prune(p->v, p->n, consts, ARRAY_SIZE(consts), p->at, p->kept, &p->n);
}

/* r0 at the exit, and what was stored; r1 is the argument. Fails a test that runs astray. */
static uint64_t run(const struct prog *p, uint64_t r1)
{
	uint64_t r[11] = {0, r1}, stored = 0;
	size_t at = 0;

	for (size_t steps = 0; steps <= 4 * INSNS_MAX; steps++) {
		const struct bpf_insn *i = &p->v[at];
		uint64_t src = BPF_SRC(i->code) == BPF_X ? r[i->src_reg] : (uint64_t)(int64_t)i->imm;

		cr_assert_lt(at, p->n);
		at++;
		switch (BPF_CLASS(i->code)) {
		case BPF_ALU:
		case BPF_ALU64:
			cr_assert(machine_alu(i, &r[i->dst_reg], src));
			break;
		case BPF_LD:
			r[i->dst_reg] = i->src_reg ? (uintptr_t)&rodata + (uint32_t)i[1].imm
						   : (uint32_t)i[0].imm | (uint64_t)(uint32_t)i[1].imm << 32;
			at++;
			break;
		case BPF_LDX: {
			const char *from = (const char *)(uintptr_t)r[i->src_reg] + i->off;
			size_t size = BPF_SIZE(i->code) == BPF_B ? 1 : BPF_SIZE(i->code) == BPF_W ? 4 : 8;
			uint64_t v = 0;

			memcpy(&v, from, size); /* little endian, as all that the guests and CI run on */
			r[i->dst_reg] = v;
			break;
		}
		case BPF_STX:
			stored = stored * 31 + r[i->src_reg];
			break;
		default:
			if (i->code == (BPF_JMP | BPF_EXIT))
				return r[0] ^ stored;
			if (i->code == (BPF_JMP | BPF_CALL)) {
				for (int n = 1; n <= (i->imm == BPF_FUNC_map_lookup_elem ? 2 : 5); n++)
					stored = stored * 31 + r[n];
				r[0] = r1 * 3;
				for (unsigned n = 1; n <= 5; n++)
					r[n] = 0xdead;
			} else if (machine_jumps(i, r[i->dst_reg], src)) {
				at += (size_t)(int64_t)i->off;
			}
		}
	}
	cr_assert_fail("no end");
	return 0;
}

static void expect_all_reached(const struct prog *p)
{
	bool reached[INSNS_MAX] = {true};

	for (size_t at = 0; at < p->n; at++) { /* jumps here go forward only */
		const struct bpf_insn *i = &p->v[at];
		cr_assert(reached[at], "instruction %zu of %zu cannot be reached", at, p->n);
		if (fold_is_wide(i)) {
			reached[at + 1] = reached[at + 2] = true;
			at++;
			continue;
		}
		if (fold_is_jump(i))
			reached[at + 1 + (size_t)i->off] = true;
		if (i->code != (BPF_JMP | BPF_EXIT) && i->code != (BPF_JMP | BPF_JA))
			reached[at + 1] = true;
	}
}

Test(prune, what_a_constant_rules_out_goes)
{
	struct prog p = {0};

	load(&p, 2, BPF_B, 0);	     /* 0 to 2: r2 = 0 */
	mov(&p, 0, 1);		     /* 3 */
	jump(&p, BPF_JEQ, 2, 0, 2);  /* 4: always */
	mov(&p, 0, 2);		     /* 5 */
	mov(&p, 0, 3);		     /* 6 */
	load(&p, 2, BPF_W, 4);	     /* 7 to 9: 70000 */
	jump(&p, BPF_JLT, 2, 99, 1); /* 10: never */
	leave(&p);		     /* 11 */
	mov(&p, 0, 4);		     /* 12 */
	leave(&p);		     /* 13 */
	cr_assert_eq(prune_it(&p), 0);
	cr_expect_eq(p.n, 3, "a constant, a jump that remains, the exit: nobody reads r2 any more");
	cr_expect_eq(run(&p, 0), 1);
	cr_expect_eq(p.v[p.at[4]].code, BPF_JMP | BPF_JA);
	cr_expect_eq(p.v[p.at[4]].off, 0);
	cr_expect_not(p.kept[5]);
	cr_expect_eq(p.at[10], p.at[11], "what stands in its stead");
	cr_expect_not(p.kept[10], "the first jump leads past it");
	cr_expect_not(p.kept[12]);
	cr_expect_eq(p.at[14], p.n);
}

Test(prune, what_is_not_known_stays)
{
	struct prog p = {0};
	struct prog before;

	mov(&p, 0, 0);
	jump(&p, BPF_JEQ, 1, 5, 1); /* the argument */
	mov(&p, 0, 1);		    /* differs where the edges meet */
	jump(&p, BPF_JEQ, 0, 1, 2);
	add(&p, BPF_JMP | BPF_CALL, 0, 0, 0, 12);
	jump(&p, BPF_JEQ, 0, 0, 1); /* what a helper returned */
	mov(&p, 0, 3);
	leave(&p);
	before = p;
	cr_assert_eq(prune_it(&p), 0);
	cr_expect_eq(p.n, before.n);
	cr_expect_arr_eq(p.v, before.v, sizeof(p.v));
}

/* What is computed from constants is one, and what went into it is read by nobody. */
Test(prune, constants_are_computed_once)
{
	struct prog p = {0};

	load(&p, 2, BPF_B, 2);					   /* 0: 200 */
	mov(&p, 3, 180);					   /* 3 */
	add(&p, BPF_ALU64 | BPF_SUB | BPF_X, 2, 3, 0, 0);	   /* 4: 20 */
	add(&p, BPF_ALU64 | BPF_ADD | BPF_X, 1, 2, 0, 0);	   /* 5: the argument and 20 */
	load(&p, 4, BPF_DW, 8);					   /* 6: fits no instruction */
	add(&p, BPF_ALU64 | BPF_XOR | BPF_X, 1, 4, 0, 0);	   /* 9 */
	mov(&p, 5, 64);						   /* 10 */
	add(&p, BPF_ALU64 | BPF_LSH | BPF_X, 1, 5, 0, 0);	   /* 11: a verifier takes no 64 here */
	add(&p, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, 5, -8, 0); /* 12 */
	add(&p, BPF_ALU64 | BPF_MOV | BPF_X, 0, 1, 0, 0);	   /* 13 */
	leave(&p);						   /* 14 */
	cr_assert_eq(prune_it(&p), 0);
	cr_expect_eq(run(&p, 7), (27 ^ rodata.wide) ^ 64);
	cr_expect_eq(p.at[5], 0, "nothing of what came before");
	cr_expect_eq(p.v[0].code, BPF_ALU64 | BPF_ADD | BPF_K);
	cr_expect_eq(p.v[0].imm, 20);
	cr_expect_eq(p.v[p.at[11]].code, BPF_ALU64 | BPF_LSH | BPF_X);
	cr_expect_eq(p.n, 10);
}

/* A constant is compared with a register as a register with a constant. */
Test(prune, constants_that_are_compared)
{
	static const uint8_t ops[] = {BPF_JEQ,	BPF_JNE,  BPF_JGT,  BPF_JGE,  BPF_JLT, BPF_JLE,
				      BPF_JSET, BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE};
	static const uint64_t inputs[] = {0, 1, 199, 200, 201, 0x80000000, UINT64_MAX};

	for (size_t k = 0; k < ARRAY_SIZE(ops); k++) {
		struct prog p = {0}, before;

		load(&p, 2, BPF_B, 2); /* 200 */
		mov(&p, 0, 0);
		add(&p, BPF_JMP | ops[k] | BPF_X, 2, 1, 1, 0);
		mov(&p, 0, 1);
		leave(&p);
		before = p;
		cr_assert_eq(prune_it(&p), 0);
		cr_expect_eq(p.n, 4, "%#x", ops[k]);
		for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
			cr_expect_eq(run(&p, inputs[i]), run(&before, inputs[i]), "%#x of %zu", ops[k], i);
	}
}

/* What is only jumped to for the next jump is jumped over, also when what stands before that one goes. */
Test(prune, jumps_to_jumps)
{
	struct prog p = {0};

	mov(&p, 0, 0);					   /* 0 */
	jump(&p, BPF_JEQ, 1, 5, 1);			   /* 1: to 3 */
	leave(&p);					   /* 2 */
	mov(&p, 7, 1);					   /* 3: read by nobody */
	add(&p, BPF_JMP | BPF_JA, 0, 0, 1, 0);		   /* 4: to 6 */
	leave(&p);					   /* 5 */
	add(&p, BPF_JMP | BPF_JA, 0, 0, 1, 0);		   /* 6: to 8 */
	leave(&p);					   /* 7 */
	add(&p, BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 0, 21); /* 8 */
	leave(&p);					   /* 9 */
	cr_assert_eq(prune_it(&p), 0);
	cr_expect_eq(p.n, 6);
	cr_expect_eq(run(&p, 5), 21);
	cr_expect_eq(run(&p, 4), 0);
	p = (struct prog){0};
	jump(&p, BPF_JEQ, 1, 5, 1);
	leave(&p);
	add(&p, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	add(&p, BPF_JMP | BPF_JA, 0, 0, -2, 0); /* a circle: no verifier takes it, nor may it keep us */
	cr_expect_eq(prune_it(&p), 0);
	p = (struct prog){0};
	add(&p, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	mov(&p, 7, 1); /* read by nobody, and nothing comes after it: nor does a verifier take that */
	cr_expect_eq(prune_it(&p), 0);
}

/* What only the next round reads is read. */
Test(prune, loops)
{
	struct prog p = {0};

	mov(&p, 6, 1);					  /* 0 */
	mov(&p, 7, 0);					  /* 1 */
	mov(&p, 0, 0);					  /* 2 */
	add(&p, BPF_ALU64 | BPF_ADD | BPF_X, 0, 7, 0, 0); /* 3: the round */
	add(&p, BPF_ALU64 | BPF_MOV | BPF_X, 7, 1, 0, 0); /* 4: read over the edge back */
	add(&p, BPF_ALU64 | BPF_SUB | BPF_K, 1, 0, 0, 1); /* 5 */
	jump(&p, BPF_JNE, 1, 0, -4);			  /* 6 */
	leave(&p);					  /* 7 */
	cr_assert_eq(prune_it(&p), 0);
	cr_expect_eq(run(&p, 3), 3 + 2);
	cr_expect_lt(p.at[4], p.at[5], "it stays");
}

/* A call may read any argument, and where it leads any register that was passed. */
Test(prune, calls_read_their_arguments)
{
	struct prog p = {0};

	for (uint8_t r = 1; r <= 9; r++)
		mov(&p, r, r);
	add(&p, BPF_JMP | BPF_CALL, 0, 0, 0, 12);
	leave(&p);
	cr_assert_eq(prune_it(&p), 0);
	cr_expect_eq(p.n, 7, "r6 to r9 are the caller's, who does not read them");
	p = (struct prog){0};
	for (uint8_t r = 1; r <= 5; r++)
		mov(&p, r, r);
	add(&p, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
	leave(&p);
	cr_assert_eq(prune_it(&p), 0);
	cr_expect_eq(p.n, 5, "of a helper that takes three, the others are not read");
	p = (struct prog){0};
	load(&p, 2, BPF_B, 0);
	add(&p, BPF_LD | BPF_IMM | BPF_DW, 2, BPF_PSEUDO_FUNC, 0, 2); /* 3: to 6 */
	add(&p, 0, 0, 0, 0, 0);
	leave(&p);     /* 5 */
	mov(&p, 6, 1); /* 6: a function, whose first instruction goes */
	mov(&p, 0, 1);
	leave(&p);
	cr_assert_eq(prune_it(&p), 0);
	cr_expect_eq(p.n, 5);
	cr_expect(p.kept[6]);
	cr_expect_eq(p.v[0].imm, 2);
	cr_expect_eq(p.at[6], 3);
}

/* A function is looked into as if its arguments could be anything, and moves with its callers. */
Test(prune, functions_that_are_called)
{
	struct prog p = {0};

	load(&p, 2, BPF_B, 1);				       /* 0: 1 */
	jump(&p, BPF_JNE, 2, 0, 1);			       /* 3: always */
	leave(&p);					       /* 4 */
	mov(&p, 6, 0);					       /* 5 */
	add(&p, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 4); /* 6: to 11 */
	jump(&p, BPF_JEQ, 6, 0, 1);			       /* 7: always: it is the caller's */
	add(&p, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 0); /* 8: to 9, never */
	leave(&p);					       /* 9 */
	leave(&p);					       /* 10 */
	jump(&p, BPF_JEQ, 2, 1, 1);			       /* 11 */
	mov(&p, 0, 1);					       /* 12 */
	leave(&p);					       /* 13 */
	cr_assert_eq(prune_it(&p), 0);
	cr_expect_eq((int)(p.at[11] - p.at[6] - 1), p.v[p.at[6]].imm);
	cr_expect(p.kept[11] && p.kept[12] && p.kept[13]);
	cr_expect_not(p.kept[4]);
	cr_expect_not(p.kept[8]);
	cr_expect_not(p.kept[10]);
}

Test(prune, what_is_not_understood_is_left_alone)
{
	static const struct bpf_insn odd[] = {
		{.code = BPF_JMP32 | BPF_JA, .imm = 0},	      /* a jump with a wide target, of instruction set 4 */
		{.code = BPF_JMP | 0xe0},		      /* may_goto */
		{.code = BPF_JMP | BPF_JEQ, .off = 5},	      /* beyond the end */
		{.code = BPF_JMP | BPF_JEQ, .off = -9},	      /* before the start */
		{.code = BPF_LD | BPF_IMM | BPF_DW},	      /* its second half is the exit, then nothing is there */
		{.code = BPF_ALU64 | BPF_MOV, .dst_reg = 12}, /* no such register */
	};

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		struct prog p = {.v = {odd[i], {.code = BPF_JMP | BPF_EXIT}}, .n = i == 4 ? 1 : 2};

		cr_expect_eq(prune_it(&p), -EOPNOTSUPP, "%zu", i);
		cr_expect_arr_eq(&p.v[0], &odd[i], sizeof(odd[i]));
	}
	cr_expect_eq(prune(NULL, 0, NULL, 0, NULL, NULL, NULL), -EOPNOTSUPP);
}

/* Reads beside the constants, or of a map that programs can write, are anything. */
Test(prune, other_memory_is_anything)
{
	static const int16_t offs[] = {-1, sizeof(rodata), sizeof(rodata) - 3};

	for (size_t i = 0; i <= ARRAY_SIZE(offs); i++) {
		struct prog p = {0};

		load(&p, 2, BPF_W, i < ARRAY_SIZE(offs) ? offs[i] : 0);
		p.v[0].imm = i < ARRAY_SIZE(offs) ? MAP_FD : MAP_FD + 1;
		mov(&p, 0, 0);
		jump(&p, BPF_JEQ, 2, 0, 1);
		mov(&p, 0, 1);
		leave(&p);
		cr_assert_eq(prune_it(&p), 0);
		cr_expect_eq(p.n, 7, "%zu", i);
	}
}

static uint64_t state = 20261128;
static unsigned any(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static void random_one(struct prog *p, size_t left)
{
	static const uint8_t alu[] = {BPF_ADD, BPF_SUB, BPF_AND, BPF_OR,   BPF_XOR,
				      BPF_MOV, BPF_LSH, BPF_RSH, BPF_ARSH, BPF_MUL};
	static const uint8_t jumps[] = {BPF_JEQ, BPF_JNE,  BPF_JGT,  BPF_JGE,  BPF_JLT,
					BPF_JLE, BPF_JSET, BPF_JSGT, BPF_JSLT, BPF_JA};
	static const int32_t imms[] = {0, 1, -1, 2, 200, 70000, 31};
	uint8_t dst = (uint8_t)any(6), src = (uint8_t)any(6), x = any(2) ? BPF_X : BPF_K, op;
	int32_t imm = imms[any(ARRAY_SIZE(imms))];

	switch (any(7)) {
	case 5:
		add(p, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, src, -8, 0);
		break;
	case 6:
		if (any(4) == 0)
			add(p, BPF_JMP | BPF_CALL, 0, 0, 0, any(2) ? BPF_FUNC_map_lookup_elem : BPF_FUNC_tail_call);
		else
			add(p, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
		break;
	case 0:
		mov(p, dst, imm);
		break;
	case 1:
		op = alu[any(ARRAY_SIZE(alu))];
		if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
			imm &= 31;
		add(p, (any(2) ? BPF_ALU64 : BPF_ALU) | op | x, dst, x == BPF_X ? src : 0, 0, x == BPF_X ? 0 : imm);
		break;
	case 2:
		load(p, dst, any(2) ? BPF_B : BPF_DW, any(2) ? 1 : 8);
		break;
	default:
		op = jumps[any(ARRAY_SIZE(jumps))];
		add(p, (any(2) || op == BPF_JA || op >= BPF_JSGT ? BPF_JMP : BPF_JMP32) | op | (op == BPF_JA ? 0 : x),
		    op == BPF_JA ? 0 : dst, op == BPF_JA || x == BPF_K ? 0 : src, (int16_t)any((unsigned)left),
		    op == BPF_JA || x == BPF_X ? 0 : imm);
	}
}

/* A jump that would land between a constant's address and its load lands before both. */
static void straighten(struct prog *p)
{
	for (size_t at = 0; at < p->n; at++) {
		struct bpf_insn *i = &p->v[at];

		if (i->code == (BPF_LD | BPF_IMM | BPF_DW))
			at++;
		else if (fold_is_jump(i))
			while (i->off > 0 && BPF_CLASS(p->v[at + 1 + (size_t)i->off].code) <= BPF_LDX &&
			       !fold_is_wide(&p->v[at + 1 + (size_t)i->off]))
				i->off--;
	}
}

Test(prune, random_programs_compute_the_same)
{
	static const uint64_t inputs[] = {0, 1, 200, 70000, UINT64_MAX, 0x80000000};
	size_t pruned = 0;

	for (unsigned round = 0; round < 20000; round++) {
		struct prog p = {0}, before;

		for (uint8_t r = 0; r < 6; r++)
			if (r != 1)
				mov(&p, r, (int32_t)any(3));
		for (size_t k = 0; k < 24; k++)
			random_one(&p, 24 - k);
		leave(&p);
		straighten(&p);
		before = p;
		cr_assert_eq(prune_it(&p), 0);
		expect_all_reached(&p);
		for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
			cr_assert_eq(run(&p, inputs[i]), run(&before, inputs[i]), "round %u, input %zu", round, i);
		pruned += before.n - p.n;
	}
	cr_expect_gt(pruned, 20000, "%zu", pruned); /* or it was no test */
}
