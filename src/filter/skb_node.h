/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the parser of expressions over an sk_buff and what makes code of them. */
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
	/* of two */
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

/* A type as it was written. */
struct type_name {
	char kind; /* as struct skb_types has it; 'i': an integer, below */
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
	const char *name; /* within the text */
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
/* Sets the error and is -EINVAL. A macro, so that a compiler sees that nothing else is returned. */
#define skb_expr_fail(...) (skb_expr_say(__VA_ARGS__), -EINVAL)
