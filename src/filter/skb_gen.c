/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: each node of the tree is translated to code for an accumulator and a few stack slots.
 *
 * Registers: r6 skb, r7 the accumulator (ACC), r8 the other operand, r9 the argument `which`; r0 to r5 hold nothing
 * from one node to the next. Stack, downwards: the bytes of one read (8 bytes), then one slot per pending left operand.
 * There are few slots, because the stack frames of the callers and of this function share 512 bytes.
 *
 * A node is an lvalue (a member, an element, the target of a pointer) or another value. skb_gen_lvalue() leaves the
 * address of an lvalue in ACC. skb_gen_value() leaves the value; it reads an lvalue by bpf_probe_read_kernel(), and
 * jumps to the label `fault` if that fails. An array has the address of its first element as value, as in C. Integers
 * are extended to 64 bits when they are read, and all arithmetic is done in 64 bits. All jumps are forward.
 */
#include "filter/skb_gen.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static size_t new_label(struct skb_gen *g)
{
	return g->n_labels++; /* LABELS_MAX is enough for the labels of NODES_MAX nodes */
}

static void set_label(struct skb_gen *g, size_t label)
{
	g->where[label] = g->code.n;
}

static void load_constant(struct skb_gen *g, uint8_t reg, uint64_t v)
{
	code_mov_imm(&g->code, reg, (uint32_t)(v > UINT32_MAX ? v >> 32 : v));
	if (v <= UINT32_MAX)
		return;
	code_add(&g->code, BPF_ALU64 | BPF_LSH | BPF_K, reg, 0, 0, 32);
	code_mov_imm(&g->code, BPF_REG_0, (uint32_t)v);
	code_add(&g->code, BPF_ALU64 | BPF_OR | BPF_X, reg, BPF_REG_0, 0, 0);
}

static int named_type(struct skb_gen *g, const struct node *n, struct skb_value *ret)
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
		*ret = (struct skb_value){.pointer = true, .target = id};
		return 0;
	}
	if (type.kind == SKB_PTR) {
		*ret = (struct skb_value){.pointer = true, .target = type.target};
		return 0;
	}
	if (type.kind != SKB_INT || !type.size_bytes || type.size_bytes > 8)
		return skb_gen_fail_type(g, n, "a value cannot be cast to '%s', only to a pointer to it", &type);
	*ret = (struct skb_value){.is_signed = type.is_signed, .is_64bit = type.size_bytes == 8};
	skb_gen_extend(g, type.size_bytes * 8, type.is_signed);
	return 0;
}

/* A pointer to an integer type, such as unsigned char *, which is looked up by the name that GCC gives it. */
static int int_pointer(struct skb_gen *g, const struct node *n, struct skb_value *ret)
{
	static const char *const names[2][9] = {
		{[1] = "unsigned char", [2] = "short unsigned int", [4] = "unsigned int", [8] = "long unsigned int"},
		{[1] = "char", [2] = "short int", [4] = "int", [8] = "long int"}};
	const char *name = names[n->type.is_signed][n->type.bytes];

	*ret = (struct skb_value){.pointer = true};
	return g->types->find(g->types->ctx, 't', name, strlen(name), &ret->target) < 0
		       ? skb_expr_fail(g->error, n->column, "this kernel has no type '%s'", name)
		       : 0;
}

static int gen_cast(struct skb_gen *g, const struct node *n, struct skb_value *ret)
{
	const struct type_name *t = &n->type;
	int r;

	if (t->stars > 1)
		return skb_expr_fail(g->error, n->column, "casts to pointers to pointers are not supported");
	r = skb_gen_value(g, n->a, ret);
	if (r < 0)
		return r;
	if (t->kind != 'i')
		return named_type(g, n, ret);
	if (t->stars)
		return int_pointer(g, n, ret);
	*ret = (struct skb_value){.is_signed = t->is_signed, .is_64bit = t->bytes == 8};
	skb_gen_extend(g, t->bytes * 8u, t->is_signed);
	return 0;
}

/* ACC = ACC op OTHER (or a constant) ? 1 : 0 */
static void gen_truth(struct skb_gen *g, uint8_t op, bool reg, int32_t imm)
{
	code_mov_imm(&g->code, BPF_REG_0, 1);
	code_add(&g->code, BPF_JMP | op | (reg ? BPF_X : BPF_K), ACC, reg ? OTHER : 0, 1, reg ? 0 : imm);
	code_mov_imm(&g->code, BPF_REG_0, 0);
	code_mov64(&g->code, ACC, BPF_REG_0);
}

static int gen_one(struct skb_gen *g, const struct node *n, struct skb_value *ret)
{
	struct skb_value v;
	int r = skb_gen_value(g, n->a, &v);

	if (r < 0)
		return r;
	*ret = (struct skb_value){.is_signed = true};
	if (n->op == NODE_NOT) {
		gen_truth(g, BPF_JEQ, false, 0);
		return 0;
	}
	if (v.pointer)
		return skb_expr_fail(g->error, n->column, "cannot be applied to a pointer");
	if (n->op == NODE_INVERT) {
		code_add(&g->code, BPF_ALU64 | BPF_XOR | BPF_K, ACC, 0, 0, -1);
	} else if (n->op == NODE_MINUS) {
		code_add(&g->code, BPF_ALU64 | BPF_NEG, ACC, 0, 0, 0);
	} else {
		code_add(&g->code, BPF_ALU | BPF_END | BPF_TO_BE, ACC, 0, 0, n->op == NODE_SWAP16 ? 16 : 32);
		return 0;
	}
	ret->is_64bit = v.is_64bit;
	return 0;
}

/* && and ||: the right operand is skipped if the left one decides. */
static int gen_logic(struct skb_gen *g, const struct node *n, struct skb_value *ret)
{
	size_t end = new_label(g);
	struct skb_value v;
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
	*ret = (struct skb_value){.is_signed = true};
	return 0;
}

/* Compares by value: as unsigned if an operand is a pointer or an unsigned value of 64 bits. */
static int gen_compare(struct skb_gen *g, const struct node *n, const struct skb_value *a, const struct skb_value *b,
		       struct skb_value *ret)
{
	bool as_unsigned = a->pointer || b->pointer || (a->is_64bit && !a->is_signed) || (b->is_64bit && !b->is_signed);
	uint8_t op = n->op == NODE_EQ	? BPF_JEQ
		     : n->op == NODE_NE ? BPF_JNE
		     : n->op == NODE_LT ? (as_unsigned ? BPF_JLT : BPF_JSLT)
		     : n->op == NODE_LE ? (as_unsigned ? BPF_JLE : BPF_JSLE)
		     : n->op == NODE_GT ? (as_unsigned ? BPF_JGT : BPF_JSGT)
					: (as_unsigned ? BPF_JGE : BPF_JSGE);

	gen_truth(g, op, true, 0);
	*ret = (struct skb_value){.is_signed = true};
	return 0;
}

/* reg *= the size of the type that v points to. */
static int scale(struct skb_gen *g, const struct node *n, const struct skb_value *v, uint8_t reg)
{
	struct skb_type t;
	int r = skb_gen_type(g, n, v->target, &t);

	if (r < 0)
		return r;
	/* void *: in bytes, as GCC and Clang do */
	if (t.kind == SKB_OTHER || t.size_bytes == 1)
		return 0;
	if (!t.size_bytes || t.size_bytes > INT32_MAX)
		return skb_expr_fail(g->error, n->column, "the size of the pointer's target is not known");
	code_add(&g->code, BPF_ALU64 | BPF_MUL | BPF_K, reg, 0, 0, (int32_t)t.size_bytes);
	return 0;
}

static int gen_arithmetic(struct skb_gen *g, const struct node *n, const struct skb_value *a, const struct skb_value *b,
			  struct skb_value *ret)
{
	static const uint8_t ops[] = {
		[NODE_OR] = BPF_OR,   [NODE_XOR] = BPF_XOR, [NODE_AND] = BPF_AND, [NODE_SHL] = BPF_LSH,
		[NODE_SHR] = BPF_RSH, [NODE_ADD] = BPF_ADD, [NODE_SUB] = BPF_SUB, [NODE_MUL] = BPF_MUL};
	uint8_t op = ops[n->op];
	int r = 0;

	*ret = (struct skb_value){.is_signed = a->is_signed && b->is_signed, .is_64bit = a->is_64bit || b->is_64bit};
	if (a->pointer && b->pointer) {
		if (n->op != NODE_SUB)
			return skb_expr_fail(g->error, n->column, "cannot be applied to two pointers");
		ret->is_signed = true; /* in bytes */
	} else if (a->pointer || b->pointer) {
		if (n->op != NODE_ADD && (n->op != NODE_SUB || b->pointer))
			return skb_expr_fail(g->error, n->column, "cannot be applied to a pointer");
		r = a->pointer ? scale(g, n, a, OTHER) : scale(g, n, b, ACC);
		*ret = a->pointer ? *a : *b;
	} else if (n->op == NODE_SHR && a->is_signed) {
		op = BPF_ARSH;
		ret->is_signed = true;
	} else if (n->op == NODE_SUB || n->op == NODE_ADD || n->op == NODE_MUL) {
		ret->is_signed =
			!ret->is_64bit || ret->is_signed; /* unsigned 32-bit operands may give a negative result */
	}
	if (n->op == NODE_SHL || n->op == NODE_SHR) /* the distance is taken modulo 64, as x86 does */
		code_add(&g->code, BPF_ALU64 | BPF_AND | BPF_K, OTHER, 0, 0, 63);
	code_add(&g->code, BPF_ALU64 | op | BPF_X, ACC, OTHER, 0, 0);
	return r;
}

static int gen_two(struct skb_gen *g, const struct node *n, struct skb_value *ret)
{
	struct skb_value a, b;
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

static int gen_skb(struct skb_gen *g, const struct node *n, struct skb_value *ret)
{
	*ret = (struct skb_value){.pointer = true};
	code_mov64(&g->code, ACC, SKB);
	return g->types->find(g->types->ctx, 's', "sk_buff", 7, &ret->target) < 0
		       ? skb_expr_fail(g->error, n->column, "this kernel's types have no struct sk_buff")
		       : 0;
}

int skb_gen_value(struct skb_gen *g, const struct node *n, struct skb_value *ret)
{
	struct skb_lvalue p;
	int r;

	if (skb_gen_is_lvalue(n)) {
		r = skb_gen_lvalue(g, n, &p);
		return r < 0 ? r : skb_gen_load(g, n, &p, ret);
	}
	switch (n->op) {
	case NODE_SKB:
		return gen_skb(g, n, ret);
	case NODE_NUMBER:
		load_constant(g, ACC, n->number);
		*ret = (struct skb_value){.is_signed = n->number <= INT64_MAX, .is_64bit = n->number > INT64_MAX};
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

/* The beginning and the end of a body: from here on, whole expressions. */
static void begin(struct skb_gen *g)
{
	code_mov64(&g->code, SKB, BPF_REG_1);
	code_mov64(&g->code, WHICH, BPF_REG_2);
}

static void end(struct skb_gen *g)
{
	code_mov64(&g->code, BPF_REG_0, ACC);
	code_add(&g->code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Adds the code at the label `fault` and links the jumps. several: the body also gets there if `which` names no value.
 */
static int finish(struct skb_gen *g, size_t max_insns, bool several, struct ebpf_prog *ret)
{
	bool may_fault = several;
	int r;

	for (size_t i = 0; i < g->code.n_jumps; i++)
		may_fault |= g->code.jumps[i].label == g->fault;

	set_label(g, g->fault);
	if (may_fault) /* the verifier rejects unreachable code */
		code_return(&g->code, 0);
	r = code_link(&g->code, g->where);
	if (r == -E2BIG || (r == 0 && g->code.n > max_insns)) {
		skb_expr_say(g->error, 0, "needs %zu instructions, but at most %zu fit", g->code.n, max_insns);
		return -E2BIG;
	}
	if (r == 0)
		*ret = (struct ebpf_prog){.insns = TAKE_PTR(g->code.insns), .n = g->code.n};
	return r;
}

static int gen_text(struct skb_gen *g, struct nodes *nodes, const char *text, struct skb_value *ret)
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
	struct skb_gen *g = calloc(1, sizeof(*g));
	struct skb_value v;
	int r = -ENOMEM;

	if (nodes && g) {
		g->types = types;
		g->error = ret_error;
		g->fault = new_label(g);
		begin(g);
		r = gen_text(g, nodes, text, &v);
	}
	if (r >= 0) {
		/* the caller tests only the lower 32 bits of the result */
		gen_truth(g, BPF_JNE, false, 0);
		end(g);
		r = finish(g, max_insns, false, ret);
	}
	if (g)
		code_free(&g->code);
	free(g);
	return r;
}

/* One of several values, which is skipped unless `which` names it. */
static int gen_choice(struct skb_gen *g, struct nodes *nodes, const char *text, size_t i, struct skb_value_kind *ret)
{
	size_t next = new_label(g);
	struct skb_value v;
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
	struct skb_gen *g = calloc(1, sizeof(*g));
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
