/* SPDX-License-Identifier: GPL-2.0-only */
/* The syntax tree of an expression over an sk_buff: skb_parse.c builds it, skb_gen.c generates code from it. */
#pragma once

#include "base/cleanup.h"
#include "filter/skb_expr.h"

enum node_op {
	NODE_SKB,
	NODE_NUMBER,
	NODE_ARROW, /* a->name */
	NODE_DOT,   /* a.name */
	NODE_INDEX, /* a[number] */
	NODE_DEREF,
	NODE_CAST,
	NODE_NOT,
	NODE_INVERT,
	NODE_MINUS,
	NODE_SWAP16, /* from and to network byte order */
	NODE_SWAP32,
	/* with two operands */
	NODE_OR_ELSE,
	NODE_AND_THEN,
	NODE_OR,
	NODE_XOR,
	NODE_AND,
	NODE_EQ,
	NODE_NE,
	NODE_LT,
	NODE_LE,
	NODE_GT,
	NODE_GE,
	NODE_SHL,
	NODE_SHR,
	NODE_ADD,
	NODE_SUB,
	NODE_MUL,
};

/* A type as written in the expression. */
struct type_name {
	char kind; /* as in struct skb_types; or 'i': an integer of `bytes` and `is_signed` */
	const char *name;
	size_t len;
	unsigned stars;
	uint8_t bytes;
	bool is_signed;
};

struct node {
	enum node_op op;
	size_t column;
	uint64_t number;
	const char *name; /* points into the text */
	size_t len;
	struct type_name type; /* NODE_CAST */
	struct node *a, *b;
};

#define NODES_MAX 256
#define NEST_MAX  32

struct nodes {
	struct node v[NODES_MAX];
	size_t n;
};

/* -EINVAL with *ret_error. The nodes point into text. */
int skb_expr_parse(const char *text, struct nodes *nodes, struct node **ret, struct skb_error *ret_error);

void skb_expr_say(struct skb_error *e, size_t column, const char *fmt, ...) _printf_(3, 4);
/* Sets the error; its value is -EINVAL. It is a macro so that the compiler sees that the value is constant. */
#define skb_expr_fail(...) (skb_expr_say(__VA_ARGS__), -EINVAL)
