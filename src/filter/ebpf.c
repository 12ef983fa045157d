/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: each classic instruction is translated to a few eBPF instructions, in the same order, so that
 * all jumps stay forward.
 *
 * Registers: r6 start, r7 A, r8 X, r9 cap_bytes; r0 to r5 hold nothing from one classic instruction to the next. A and
 * X have 32 bits: they are written by 32-bit arithmetic, 32-bit moves and loads only, which clear the upper half.
 *
 * Stack, downwards: the bytes of one load (4), len_bytes if it is used (8), the scratch words M[] in use (4 each), and
 * the window: a copy of the packet's first bytes, as many as fit, which is made once. A load at a constant offset
 * within the window needs no call. The verifier requires aligned loads from the stack, so the window is placed so that
 * most words are aligned; other words are loaded as two halves. Loads at odd offsets or beyond the window call
 * bpf_probe_read_kernel() each. The window may hold bytes beyond the packet's end, so each load is first checked
 * against cap_bytes, as in libpcap's bpf_filter.c.
 */
#include "filter/ebpf.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

#include "filter/code.h"
#include "filter/cbpf_usage.h"

#define START	  BPF_REG_6
#define A	  BPF_REG_7
#define X	  BPF_REG_8
#define CAP_BYTES BPF_REG_9

#define LOADED (-(int)LOADED_BYTES)
#define LEN    (LOADED - (int)LEN_BYTES)

struct translator {
	const struct cbpf_prog *in;
	struct cbpf_usage usage;
	struct code code;
	size_t *where; /* index of the eBPF instruction by index of the classic one; at [reject] the rejection */
	size_t reject;
	int window; /* offset of its first byte from the frame pointer */
};

/* Rejects the packet unless the load is within cap_bytes. Leaves the address in r3 if the load is indirect. Offsets are
 * limited to 2^31, which is beyond any packet, so that no sum overflows. */
static void check_bounds(struct translator *g, const struct cbpf_insn *i)
{
	struct code *c = &g->code;
	uint32_t size = cbpf_load_bytes(i), k = i->k;

	/* the jump is then always taken, but the verifier must not see the next instructions as unreachable */
	if (k > INT32_MAX - size)
		k = INT32_MAX - size;
	if (!cbpf_is_indirect(i)) {
		code_jump(c, BPF_JMP | BPF_JLT | BPF_K, CAP_BYTES, 0, (int32_t)(k + size), g->reject);
		return;
	}
	code_mov64(c, BPF_REG_3, X);
	code_add_imm(c, BPF_REG_3, (int32_t)k);
	code_mov64(c, BPF_REG_1, BPF_REG_3);
	code_add_imm(c, BPF_REG_1, (int32_t)size);
	code_jump(c, BPF_JMP | BPF_JGT | BPF_X, BPF_REG_1, CAP_BYTES, 0, g->reject);
	code_add(c, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_3, START, 0, 0);
}

/* bpf_probe_read_kernel(fp + off, size, r3) */
static void call_read(struct translator *g, int off, uint32_t size)
{
	code_mov64(&g->code, BPF_REG_1, BPF_REG_10);
	code_add_imm(&g->code, BPF_REG_1, off);
	code_mov_imm(&g->code, BPF_REG_2, size);
	code_add(&g->code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
	code_jump(&g->code, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0, g->reject);
}

/* dst = the number of `size` bytes, in network byte order, at the stack offset. */
static void get(struct translator *g, uint8_t dst, int from, uint32_t size)
{
	uint8_t width = size == 4 ? BPF_W : size == 2 ? BPF_H : BPF_B;

	code_add(&g->code, BPF_LDX | BPF_MEM | width, dst, BPF_REG_10, (int16_t)from, 0);
	if (size > 1)
		code_add(&g->code, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, (int32_t)size * 8);
}

static void get_halves(struct translator *g, uint8_t dst, int from)
{
	get(g, dst, from, 2);
	get(g, BPF_REG_1, from + 2, 2);
	code_add(&g->code, BPF_ALU | BPF_LSH | BPF_K, dst, 0, 0, 16);
	code_add(&g->code, BPF_ALU | BPF_OR | BPF_X, dst, BPF_REG_1, 0, 0);
}

static void gen_packet_load(struct translator *g, const struct cbpf_insn *i, uint8_t dst)
{
	uint32_t size = cbpf_load_bytes(i);

	check_bounds(g, i);
	if (cbpf_is_in_window(&g->usage, i)) {
		int from = g->window + (int)i->k;

		if (from % (int)size == 0) {
			get(g, dst, from, size);
			return;
		}
		if (from % 2 == 0) {
			get_halves(g, dst, from);
			return;
		}
	}
	if (!cbpf_is_indirect(i)) {
		code_mov64(&g->code, BPF_REG_3, START);
		code_add_imm(&g->code, BPF_REG_3, (int32_t)(i->k & INT32_MAX));
	}
	call_read(g, LOADED, size);
	get(g, dst, LOADED, size);
}

static int scratch_end(const struct translator *g)
{
	return g->usage.len ? LEN : LOADED;
}

static int16_t scratch(const struct translator *g, uint32_t slot)
{
	return (int16_t)(scratch_end(g) - 4 * (int)(slot + 1));
}

static int gen_load(struct translator *g, const struct cbpf_insn *i)
{
	uint8_t dst = BPF_CLASS(i->code) == BPF_LD ? A : X;

	if (cbpf_is_packet_load(i)) {
		gen_packet_load(g, i, dst);
		if (dst == X) { /* X = 4 * (byte & 0xf): the length of an IPv4 header */
			code_add(&g->code, BPF_ALU | BPF_AND | BPF_K, X, 0, 0, 0xf);
			code_add(&g->code, BPF_ALU | BPF_LSH | BPF_K, X, 0, 0, 2);
		}
		return 0;
	}
	switch (BPF_MODE(i->code)) {
	case BPF_IMM:
		code_mov_imm(&g->code, dst, i->k);
		return 0;
	case BPF_MEM:
		code_add(&g->code, BPF_LDX | BPF_MEM | BPF_W, dst, BPF_REG_10, scratch(g, i->k), 0);
		return 0;
	case BPF_LEN:
		code_add(&g->code, BPF_LDX | BPF_MEM | BPF_DW, dst, BPF_REG_10, LEN, 0);
		code_mov32(&g->code, dst, dst);
		return 0;
	default:
		return -EINVAL;
	}
}

/* A shift by 32 or more gives 0, as in libpcap's interpreter. eBPF would take the distance modulo 32. */
static void gen_shift(struct translator *g, const struct cbpf_insn *i)
{
	if (BPF_SRC(i->code) == BPF_X) {
		code_add(&g->code, BPF_JMP32 | BPF_JLT | BPF_K, X, 0, 2, 32);
		code_mov_imm(&g->code, A, 0);
		code_add(&g->code, BPF_JMP | BPF_JA, 0, 0, 1, 0);
		code_add(&g->code, BPF_ALU | BPF_OP(i->code) | BPF_X, A, X, 0, 0);
	} else if (i->k < 32) {
		code_add(&g->code, BPF_ALU | BPF_OP(i->code) | BPF_K, A, 0, 0, (int32_t)i->k);
	} else {
		code_mov_imm(&g->code, A, 0);
	}
}

static int gen_alu(struct translator *g, const struct cbpf_insn *i)
{
	uint8_t op = BPF_OP(i->code);
	bool reg = BPF_SRC(i->code) == BPF_X;

	switch (op) {
	case BPF_LSH:
	case BPF_RSH:
		gen_shift(g, i);
		return 0;
	case BPF_DIV:
	case BPF_MOD:
		if (!reg && i->k == 0)
			return -EINVAL;
		if (reg)
			code_jump(&g->code, BPF_JMP32 | BPF_JEQ | BPF_K, X, 0, 0, g->reject);
		break;
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_OR:
	case BPF_AND:
	case BPF_XOR:
		break;
	case BPF_NEG:
		code_add(&g->code, BPF_ALU | BPF_NEG, A, 0, 0, 0);
		return 0;
	default:
		return -EINVAL;
	}
	code_add(&g->code, BPF_ALU | op | BPF_SRC(i->code), A, reg ? X : 0, 0, reg ? 0 : (int32_t)i->k);
	return 0;
}

/* The opposite comparison; 0: none exists. */
static uint8_t inverse(uint8_t op)
{
	return op == BPF_JEQ ? BPF_JNE : op == BPF_JGT ? BPF_JLE : op == BPF_JGE ? BPF_JLT : 0;
}

static void go(struct translator *g, size_t from, size_t target)
{
	if (target != from + 1)
		code_jump(&g->code, BPF_JMP | BPF_JA, 0, 0, 0, target);
}

static void compare(struct translator *g, const struct cbpf_insn *i, uint8_t op, size_t target)
{
	bool reg = BPF_SRC(i->code) == BPF_X;

	code_jump(&g->code, BPF_JMP32 | op | BPF_SRC(i->code), A, reg ? X : 0, reg ? 0 : (int32_t)i->k, target);
}

static int gen_jump(struct translator *g, size_t at)
{
	const struct cbpf_insn *i = &g->in->insns[at];
	uint8_t op = BPF_OP(i->code);
	size_t yes = at + 1 + i->jt, no = at + 1 + i->jf;

	if (op == BPF_JA) {
		go(g, at, at + 1 + i->k);
	} else if (op != BPF_JEQ && op != BPF_JGT && op != BPF_JGE && op != BPF_JSET) {
		return -EINVAL;
	} else if (yes == no) {
		go(g, at, yes);
	} else if (yes == at + 1 && inverse(op)) {
		compare(g, i, inverse(op), no);
	} else {
		compare(g, i, op, yes);
		go(g, at, no);
	}
	return 0;
}

static int gen_return(struct translator *g, const struct cbpf_insn *i)
{
	if (BPF_RVAL(i->code) == BPF_K) {
		code_return(&g->code, i->k != 0);
		return 0;
	}
	code_mov32(&g->code, BPF_REG_0, A);
	code_add(&g->code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return BPF_RVAL(i->code) == BPF_A ? 0 : -EINVAL;
}

static int gen_insn(struct translator *g, size_t at)
{
	const struct cbpf_insn *i = &g->in->insns[at];

	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
	case BPF_LDX:
		return gen_load(g, i);
	case BPF_ST:
	case BPF_STX:
		code_add(&g->code, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, BPF_CLASS(i->code) == BPF_ST ? A : X,
			 scratch(g, i->k), 0);
		return 0;
	case BPF_ALU:
		return gen_alu(g, i);
	case BPF_JMP:
		return gen_jump(g, at);
	case BPF_RET:
		return gen_return(g, i);
	default:
		code_mov32(&g->code, BPF_MISCOP(i->code) == BPF_TAX ? X : A, BPF_MISCOP(i->code) == BPF_TAX ? A : X);
		return BPF_MISCOP(i->code) == BPF_TAX || BPF_MISCOP(i->code) == BPF_TXA ? 0 : -EINVAL;
	}
}

static void gen_prologue(struct translator *g)
{
	struct code *c = &g->code;
	const struct cbpf_usage *u = &g->usage;
	int aligned = u->words_at_2 > 0 ? 2 : 0;

	g->window = scratch_end(g) - 4 * (int)u->n_scratch - (int)u->window_bytes;
	while (-g->window % 4 != aligned)
		g->window--;
	code_mov64(c, START, BPF_REG_1);
	code_mov64(c, CAP_BYTES, BPF_REG_2);
	code_mov_imm(c, A, 0);
	code_mov_imm(c, X, 0);
	if (u->len)
		code_add(c, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_3, LEN, 0);
	for (uint32_t i = 0; i < u->n_scratch; i++)
		code_add(c, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, A, scratch(g, i), 0);
	if (u->window_bytes) {
		code_mov64(c, BPF_REG_3, START);
		call_read(g, g->window, u->window_bytes);
	}
}

static int translate(struct translator *g)
{
	int r = cbpf_usage_explore(g->in, &g->usage);

	if (r < 0)
		return r;
	gen_prologue(g);
	for (size_t at = 0; at < g->in->n; at++) {
		g->where[at] = g->code.n;
		r = g->usage.reached[at] ? gen_insn(g, at) : 0;
		if (r < 0)
			return r;
	}
	g->where[g->reject] = g->code.n;
	for (size_t i = 0; i < g->code.n_jumps; i++) {
		if (g->code.jumps[i].label != g->reject)
			continue;
		code_return(&g->code, 0);
		break;
	}
	return code_link(&g->code, g->where);
}

int ebpf_translate(const struct cbpf_prog *in, struct ebpf_prog *ret, struct reason *reason)
{
	struct translator g = {.in = in, .reject = in->n};
	int r = -ENOMEM;

	g.where = calloc(in->n + 1, sizeof(*g.where));
	if (g.where)
		r = translate(&g);
	if (r == 0)
		*ret = (struct ebpf_prog){.insns = TAKE_PTR(g.code.insns), .n = g.code.n};
	else if (r == -EINVAL)
		reason_set(reason, r, "libpcap compiles it to an instruction that cannot run in the kernel");
	else if (r == -E2BIG)
		reason_set(reason, r, "it is too long");
	free(g.usage.reached);
	free(g.where);
	code_free(&g.code);
	return r;
}

void ebpf_free(struct ebpf_prog *p)
{
	free(p->insns);
	*p = (struct ebpf_prog){0};
}
