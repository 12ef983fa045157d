/* SPDX-License-Identifier: GPL-2.0-only */
/* The lvalues of an expression (members, elements, targets of pointers), and reads of them. */
#include "filter/skb_gen.h"

int skb_gen_fail_type(struct skb_gen *g, const struct node *n, const char *what, const struct skb_type *t)
{
	return skb_expr_fail(g->error, n->column, what, t->name && *t->name ? t->name : "a type without a name");
}

int skb_gen_type(struct skb_gen *g, const struct node *n, uint32_t id, struct skb_type *ret)
{
	return g->types->type(g->types->ctx, id, ret) < 0 ? skb_expr_fail(g->error, n->column, "its type is not known")
							  : 0;
}

void skb_gen_extend(struct skb_gen *g, unsigned bits, bool is_signed)
{
	if (bits >= 64)
		return;
	code_add(&g->code, BPF_ALU64 | BPF_LSH | BPF_K, ACC, 0, 0, (int32_t)(64 - bits));
	code_add(&g->code, BPF_ALU64 | (is_signed ? BPF_ARSH : BPF_RSH) | BPF_K, ACC, 0, 0, (int32_t)(64 - bits));
}

/* Reads `bytes` bytes at the address in ACC into ACC, little-endian; its other bytes are 0. */
static void fetch(struct skb_gen *g, uint32_t bytes)
{
	struct code *c = &g->code;

	if (bytes < 8) {
		code_mov_imm(c, BPF_REG_0, 0);
		code_add(c, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_0, FETCHED, 0);
	}
	code_mov64(c, BPF_REG_1, BPF_REG_10);
	code_add_imm(c, BPF_REG_1, FETCHED);
	code_mov_imm(c, BPF_REG_2, bytes);
	code_mov64(c, BPF_REG_3, ACC);
	code_add(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
	code_jump(c, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0, g->fault);
	code_add(c, BPF_LDX | BPF_MEM | BPF_DW, ACC, BPF_REG_10, FETCHED, 0);
}

bool skb_gen_is_lvalue(const struct node *n)
{
	return n->op == NODE_ARROW || n->op == NODE_DOT || n->op == NODE_INDEX || n->op == NODE_DEREF;
}

static int gen_member(struct skb_gen *g, const struct node *n, const struct skb_type *of, struct skb_lvalue *ret)
{
	struct skb_member m;

	if (of->kind != SKB_STRUCT)
		return skb_gen_fail_type(g, n, "'%s' has no members", of);
	if (g->types->member(g->types->ctx, of->id, n->name, n->len, &m) < 0)
		return skb_expr_fail(g->error, n->column, "%s has no member '%.*s' in this kernel",
				     of->name && *of->name ? of->name : "a structure without a name",
				     (int)(n->len < 64 ? n->len : 64), n->name);
	code_add_imm(&g->code, ACC, (int32_t)(m.off_bits / 8));
	ret->bits = m.bits;
	ret->shift = m.bits ? m.off_bits % 8 : 0;
	return skb_gen_type(g, n, m.type, &ret->type);
}

/* Moves the pointer in ACC to element n->number. */
static int gen_element(struct skb_gen *g, const struct node *n, uint32_t target, struct skb_lvalue *ret)
{
	int r = skb_gen_type(g, n, target, &ret->type);

	ret->bits = ret->shift = 0;
	if (r < 0 || !n->number)
		return r;
	if (!ret->type.size_bytes || ret->type.size_bytes > INT16_MAX)
		return skb_expr_fail(g->error, n->column, "the size of an element is not known");
	code_add_imm(&g->code, ACC, (int32_t)(n->number * ret->type.size_bytes));
	return 0;
}

int skb_gen_pointer(struct skb_gen *g, const struct node *n, const struct node *at, struct skb_value *ret)
{
	int r = skb_gen_value(g, n, ret);

	return r < 0 || ret->pointer ? r : skb_expr_fail(g->error, at->column, "the operand is not a pointer");
}

int skb_gen_lvalue(struct skb_gen *g, const struct node *n, struct skb_lvalue *ret)
{
	struct skb_value v;
	int r;

	if (n->op == NODE_DOT) {
		if (!skb_gen_is_lvalue(n->a))
			return skb_expr_fail(g->error, n->column,
					     "the operand is not a structure; -> follows pointers");
		r = skb_gen_lvalue(g, n->a, ret);
		if (r >= 0 && ret->type.kind == SKB_PTR)
			return skb_expr_fail(g->error, n->column, "the operand is a pointer, which -> follows");
		return r < 0 ? r : gen_member(g, n, &ret->type, ret);
	}
	r = skb_gen_pointer(g, n->a, n, &v);
	if (r < 0)
		return r;
	if (n->op == NODE_ARROW) {
		struct skb_type of;

		r = skb_gen_type(g, n, v.target, &of);
		return r < 0 ? r : gen_member(g, n, &of, ret);
	}
	return gen_element(g, n, v.target, ret);
}

int skb_gen_load(struct skb_gen *g, const struct node *n, const struct skb_lvalue *lv, struct skb_value *ret)
{
	const struct skb_type *t = &lv->type;
	uint32_t bytes = lv->bits ? (lv->shift + lv->bits + 7) / 8 : t->size_bytes;

	*ret = (struct skb_value){.pointer = t->kind == SKB_PTR || t->kind == SKB_ARRAY, .target = t->target};
	if (t->kind == SKB_ARRAY)
		return 0;
	if (t->kind != SKB_INT && t->kind != SKB_PTR)
		return skb_gen_fail_type(g, n, "'%s' is not a number; name a member of it", t);
	if (!bytes || bytes > 8)
		return skb_expr_fail(g->error, n->column, "has more than 64 bits");
	fetch(g, bytes);
	if (lv->shift)
		code_add(&g->code, BPF_ALU64 | BPF_RSH | BPF_K, ACC, 0, 0, (int32_t)lv->shift);
	ret->is_signed = t->is_signed;
	ret->is_64bit = !lv->bits && bytes == 8;
	if (lv->bits || t->is_signed)
		skb_gen_extend(g, lv->bits ? lv->bits : bytes * 8, t->is_signed);
	return 0;
}
