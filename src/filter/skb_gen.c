/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: the tree becomes code for an accumulator and a few stack slots, node by node.
 *
 * Registers: r6 skb, r7 the accumulator, r8 the other operand, r9 which value is asked for; r0 to r5 hold nothing
 * across nodes. Stack, downwards: what one read fetched (8 bytes), then a slot per pending left operand; few, as the
 * frames of callers and callee must fit 512 bytes together.
 *
 * A node is a place in memory (a member, an element, what a pointer points to) or a value. gen_place() leaves the
 * place's address in r7, gen_value() the value: for a place it reads it, through bpf_probe_read_kernel(), whose failure
 * jumps to the label FAULT. Arrays are the addresses of their first elements, as in C. Integers are widened to 64 bits
 * by their sign when they are read, and calculated with in 64 bits. Jumps are all forward.
 */
#include "filter/skb_gen.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static size_t new_label(struct gen *g)
{
	return g->n_labels++; /* at most one per node and a few more: they cannot run out */
}

static void set_label(struct gen *g, size_t label)
{
	g->where[label] = g->code.n;
}

static void load_constant(struct gen *g, uint8_t reg, uint64_t v)
{
	code_mov_imm(&g->code, reg, (uint32_t)(v > UINT32_MAX ? v >> 32 : v));
	if (v <= UINT32_MAX)
		return;
	code_add(&g->code, BPF_ALU64 | BPF_LSH | BPF_K, reg, 0, 0, 32);
	code_mov_imm(&g->code, BPF_REG_0, (uint32_t)v);
	code_add(&g->code, BPF_ALU64 | BPF_OR | BPF_X, reg, BPF_REG_0, 0, 0);
}

static int named_type(struct gen *g, const struct node *n, struct value *ret)
{
	const struct type_name *t = &n->type;
	struct skb_type type;
	uint32_t id;
	int r = g->types->find(g->types->ctx, t->kind, t->name, t->len, &id);

	if (r < 0)
		return skb_expr_fail(g->error, n->column, "this kernel has no type '%.*s'",
				     (int)(t->len < 64 ? t->len : 64), t->name);
	r = skb_gen_type(g, n, id, &type);
	if (r < 0)
		return r;
	if (t->stars) {
		*ret = (struct value){.pointer = true, .target = id};
		return 0;
	}
	if (type.kind == SKB_PTR) {
		*ret = (struct value){.pointer = true, .target = type.target};
		return 0;
	}
	if (type.kind != SKB_INT || !type.size_bytes || type.size_bytes > 8)
		return skb_gen_fail_type(g, n, "a value cannot be made a '%s', only a pointer to one", &type);
	*ret = (struct value){.is_signed = type.is_signed, .wide = type.size_bytes == 8};
	skb_gen_extend(g, type.size_bytes * 8, type.is_signed);
	return 0;
}

/* unsigned char * and the like: any integer of that size will do as its target. */
static int int_pointer(struct gen *g, const struct node *n, struct value *ret)
{
	static const char *const names[2][9] = {
		{[1] = "unsigned char", [2] = "short unsigned int", [4] = "unsigned int", [8] = "long unsigned int"},
		{[1] = "char", [2] = "short int", [4] = "int", [8] = "long int"}};
	const char *name = names[n->type.is_signed][n->type.bytes];

	*ret = (struct value){.pointer = true};
	return g->types->find(g->types->ctx, 't', name, strlen(name), &ret->target) < 0
		       ? skb_expr_fail(g->error, n->column, "this kernel has no type '%s'", name)
		       : 0;
}

static int gen_cast(struct gen *g, const struct node *n, struct value *ret)
{
	const struct type_name *t = &n->type;
	int r;

	if (t->stars > 1)
		return skb_expr_fail(g->error, n->column, "pointers to pointers are not cast to");
	r = skb_gen_value(g, n->a, ret);
	if (r < 0)
		return r;
	if (t->kind != 'i')
		return named_type(g, n, ret);
	if (t->stars)
		return int_pointer(g, n, ret);
	*ret = (struct value){.is_signed = t->is_signed, .wide = t->bytes == 8};
	skb_gen_extend(g, t->bytes * 8u, t->is_signed);
	return 0;
}

/* ACC = ACC op OTHER (or a constant) ? 1 : 0 */
static void gen_truth(struct gen *g, uint8_t op, bool reg, int32_t imm)
{
	code_mov_imm(&g->code, BPF_REG_0, 1);
	code_add(&g->code, BPF_JMP | op | (reg ? BPF_X : BPF_K), ACC, reg ? OTHER : 0, 1, reg ? 0 : imm);
	code_mov_imm(&g->code, BPF_REG_0, 0);
	code_mov64(&g->code, ACC, BPF_REG_0);
}

static int gen_one(struct gen *g, const struct node *n, struct value *ret)
{
	struct value v;
	int r = skb_gen_value(g, n->a, &v);

	if (r < 0)
		return r;
	*ret = (struct value){.is_signed = true};
	if (n->op == NODE_NOT) {
		gen_truth(g, BPF_JEQ, false, 0);
		return 0;
	}
	if (v.pointer)
		return skb_expr_fail(g->error, n->column, "is not done to a pointer");
	if (n->op == NODE_INVERT) {
		code_add(&g->code, BPF_ALU64 | BPF_XOR | BPF_K, ACC, 0, 0, -1);
	} else if (n->op == NODE_MINUS) {
		code_add(&g->code, BPF_ALU64 | BPF_NEG, ACC, 0, 0, 0);
	} else {
		code_add(&g->code, BPF_ALU | BPF_END | BPF_TO_BE, ACC, 0, 0, n->op == NODE_SWAP16 ? 16 : 32);
		return 0;
	}
	ret->wide = v.wide;
	return 0;
}

/* Whether the left side alone decides. */
static int gen_logic(struct gen *g, const struct node *n, struct value *ret)
{
	size_t end = new_label(g);
	struct value v;
	int r = skb_gen_value(g, n->a, &v);

	if (r < 0)
		return r;
	gen_truth(g, BPF_JNE, false, 0);
	code_jump(&g->code, BPF_JMP | (n->op == NODE_AND_THEN ? BPF_JEQ : BPF_JNE) | BPF_K, ACC, 0, 0, end);
	r = skb_gen_value(g, n->b, &v);
	if (r < 0)
		return r;
	gen_truth(g, BPF_JNE, false, 0);
	set_label(g, end);
	*ret = (struct value){.is_signed = true};
	return 0;
}

/* By value; as unsigned where 64 bits without a sign are compared. */
static int gen_compare(struct gen *g, const struct node *n, const struct value *a, const struct value *b,
		       struct value *ret)
{
	bool plain = a->pointer || b->pointer || (a->wide && !a->is_signed) || (b->wide && !b->is_signed);
	uint8_t op = n->op == NODE_EQ	? BPF_JEQ
		     : n->op == NODE_NE ? BPF_JNE
		     : n->op == NODE_LT ? (plain ? BPF_JLT : BPF_JSLT)
		     : n->op == NODE_LE ? (plain ? BPF_JLE : BPF_JSLE)
		     : n->op == NODE_GT ? (plain ? BPF_JGT : BPF_JSGT)
					: (plain ? BPF_JGE : BPF_JSGE);

	gen_truth(g, op, true, 0);
	*ret = (struct value){.is_signed = true};
	return 0;
}

/* reg *= the size of what v points to. */
static int scale(struct gen *g, const struct node *n, const struct value *v, uint8_t reg)
{
	struct skb_type t;
	int r = skb_gen_type(g, n, v->target, &t);

	if (r < 0)
		return r;
	/* void *: by bytes, as the kernel's compilers do */
	if (t.kind == SKB_OTHER || t.size_bytes == 1)
		return 0;
	if (!t.size_bytes || t.size_bytes > INT32_MAX)
		return skb_expr_fail(g->error, n->column, "the size of what the pointer points to is not known");
	code_add(&g->code, BPF_ALU64 | BPF_MUL | BPF_K, reg, 0, 0, (int32_t)t.size_bytes);
	return 0;
}

static int gen_arithmetic(struct gen *g, const struct node *n, const struct value *a, const struct value *b,
			  struct value *ret)
{
	static const uint8_t ops[] = {
		[NODE_OR] = BPF_OR,   [NODE_XOR] = BPF_XOR, [NODE_AND] = BPF_AND, [NODE_SHL] = BPF_LSH,
		[NODE_SHR] = BPF_RSH, [NODE_ADD] = BPF_ADD, [NODE_SUB] = BPF_SUB, [NODE_MUL] = BPF_MUL};
	uint8_t op = ops[n->op];
	int r = 0;

	*ret = (struct value){.is_signed = a->is_signed && b->is_signed, .wide = a->wide || b->wide};
	if (a->pointer && b->pointer) {
		if (n->op != NODE_SUB)
			return skb_expr_fail(g->error, n->column, "is not done to two pointers");
		ret->is_signed = true; /* in bytes */
	} else if (a->pointer || b->pointer) {
		if (n->op != NODE_ADD && (n->op != NODE_SUB || b->pointer))
			return skb_expr_fail(g->error, n->column, "is not done to a pointer");
		r = a->pointer ? scale(g, n, a, OTHER) : scale(g, n, b, ACC);
		*ret = a->pointer ? *a : *b;
	} else if (n->op == NODE_SHR && a->is_signed) {
		op = BPF_ARSH;
		ret->is_signed = true;
	} else if (n->op == NODE_SUB || n->op == NODE_ADD || n->op == NODE_MUL) {
		ret->is_signed = !ret->wide || ret->is_signed; /* small ones may become negative, and stay exact */
	}
	if (n->op == NODE_SHL || n->op == NODE_SHR) /* beyond 63 it is taken modulo 64, as the hardware does */
		code_add(&g->code, BPF_ALU64 | BPF_AND | BPF_K, OTHER, 0, 0, 63);
	code_add(&g->code, BPF_ALU64 | op | BPF_X, ACC, OTHER, 0, 0);
	return r;
}

static int gen_two(struct gen *g, const struct node *n, struct value *ret)
{
	struct value a, b;
	int16_t slot;
	int r = skb_gen_value(g, n->a, &a);

	if (r < 0)
		return r;
	if (g->slots == SLOTS_MAX)
		return skb_expr_fail(g->error, n->column, "is nested too deeply");
	slot = (int16_t)(FETCHED - 8 * (int)++g->slots);
	code_add(&g->code, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, ACC, slot, 0);
	r = skb_gen_value(g, n->b, &b);
	g->slots--;
	if (r < 0)
		return r;
	code_mov64(&g->code, OTHER, ACC);
	code_add(&g->code, BPF_LDX | BPF_MEM | BPF_DW, ACC, BPF_REG_10, slot, 0);
	return n->op >= NODE_EQ && n->op <= NODE_GE ? gen_compare(g, n, &a, &b, ret)
						    : gen_arithmetic(g, n, &a, &b, ret);
}

static int gen_skb(struct gen *g, const struct node *n, struct value *ret)
{
	*ret = (struct value){.pointer = true};
	code_mov64(&g->code, ACC, SKB);
	return g->types->find(g->types->ctx, 's', "sk_buff", 7, &ret->target) < 0
		       ? skb_expr_fail(g->error, n->column, "this kernel's types have no struct sk_buff")
		       : 0;
}

int skb_gen_value(struct gen *g, const struct node *n, struct value *ret)
{
	struct place p;
	int r;

	if (skb_is_place(n)) {
		r = skb_gen_place(g, n, &p);
		return r < 0 ? r : skb_gen_load(g, n, &p, ret);
	}
	switch (n->op) {
	case NODE_SKB:
		return gen_skb(g, n, ret);
	case NODE_NUMBER:
		load_constant(g, ACC, n->number);
		*ret = (struct value){.is_signed = n->number <= INT64_MAX, .wide = n->number > INT64_MAX};
		return 0;
	case NODE_CAST:
		return gen_cast(g, n, ret);
	case NODE_OR_ELSE:
	case NODE_AND_THEN:
		return gen_logic(g, n, ret);
	default:
		return n->b ? gen_two(g, n, ret) : gen_one(g, n, ret);
	}
}

/* --- bodies --- */

static void begin(struct gen *g)
{
	code_mov64(&g->code, SKB, BPF_REG_1);
	code_mov64(&g->code, WHICH, BPF_REG_2);
}

static void end(struct gen *g)
{
	code_mov64(&g->code, BPF_REG_0, ACC);
	code_add(&g->code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* What reads memory may fault; several values end there if none of them was asked for. */
static int finish(struct gen *g, size_t max_insns, bool several, struct ebpf_prog *ret)
{
	bool may_fault = several;
	int r;

	for (size_t i = 0; i < g->code.n_jumps; i++)
		may_fault |= g->code.jumps[i].label == g->fault;

	set_label(g, g->fault);
	if (may_fault) /* else nothing leads here, which the verifier refuses */
		code_return(&g->code, 0);
	r = code_link(&g->code, g->where);
	if (r == -E2BIG || (r == 0 && g->code.n > max_insns)) {
		skb_expr_say(g->error, 0, "needs %zu instructions, and there is room for %zu", g->code.n, max_insns);
		return -E2BIG;
	}
	if (r == 0)
		*ret = (struct ebpf_prog){.insns = TAKE_PTR(g->code.insns), .n = g->code.n};
	return r;
}

static int gen_text(struct gen *g, struct nodes *nodes, const char *text, struct value *ret)
{
	struct node *root;
	int r;

	nodes->n = 0;
	r = skb_expr_parse(text, nodes, &root, g->error);
	return r < 0 ? r : skb_gen_value(g, root, ret);
}

int skb_filter_compile(const char *text, const struct skb_types *types, size_t max_insns, struct ebpf_prog *ret,
		       struct skb_error *ret_error)
{
	_cleanup_free_ struct nodes *nodes = malloc(sizeof(*nodes));
	struct gen *g = calloc(1, sizeof(*g));
	struct value v;
	int r = -ENOMEM;

	if (nodes && g) {
		g->types = types;
		g->error = ret_error;
		g->fault = new_label(g);
		begin(g);
		r = gen_text(g, nodes, text, &v);
	}
	if (r >= 0) {
		/* the lower 32 bits of the result alone are looked at */
		gen_truth(g, BPF_JNE, false, 0);
		end(g);
		r = finish(g, max_insns, false, ret);
	}
	if (g)
		code_free(&g->code);
	free(g);
	return r;
}

/* One of several values: skipped unless it is asked for. */
static int gen_choice(struct gen *g, struct nodes *nodes, const char *text, size_t i, struct skb_value_kind *ret)
{
	size_t next = new_label(g);
	struct value v;
	int r;

	code_mov64(&g->code, BPF_REG_0, WHICH);
	code_add(&g->code, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_0, 0, 0, 1);
	code_jump(&g->code, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, (int32_t)i, next);
	r = gen_text(g, nodes, text, &v);
	if (r < 0)
		return r;
	*ret = (struct skb_value_kind){.is_signed = v.is_signed, .is_pointer = v.pointer};
	code_add(&g->code, BPF_ALU64 | BPF_AND | BPF_K, WHICH, 0, 0, 1);
	code_add(&g->code, BPF_JMP | BPF_JEQ | BPF_K, WHICH, 0, 1, 0);
	code_mov_imm(&g->code, ACC, 1);
	end(g);
	set_label(g, next);
	return 0;
}

int skb_values_compile(const char *const *texts, size_t n, const struct skb_types *types, size_t max_insns,
		       struct ebpf_prog *ret, struct skb_value_kind *ret_kinds, size_t *ret_bad,
		       struct skb_error *ret_error)
{
	_cleanup_free_ struct nodes *nodes = malloc(sizeof(*nodes));
	struct gen *g = calloc(1, sizeof(*g));
	int r = nodes && g && n <= SKB_VALUES_MAX ? 0 : -ENOMEM;

	*ret_bad = 0;
	if (r >= 0) {
		g->types = types;
		g->error = ret_error;
		g->fault = new_label(g);
		begin(g);
	}
	for (size_t i = 0; r >= 0 && i < n; i++) {
		*ret_bad = i;
		r = gen_choice(g, nodes, texts[i], i, &ret_kinds[i]);
	}
	if (r >= 0)
		r = finish(g, max_insns, true, ret);
	if (g)
		code_free(&g->code);
	free(g);
	return r;
}
