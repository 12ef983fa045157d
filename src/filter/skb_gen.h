/* SPDX-License-Identifier: GPL-2.0-only */
/* Generates eBPF code from the tree of an expression. Shared by skb_gen.c, which explains how, and skb_lvalue.c. */
#pragma once

#include <errno.h>
#include <linux/bpf.h>

#include "filter/code.h"
#include "filter/skb_node.h"

#define SKB   BPF_REG_6
#define ACC   BPF_REG_7
#define OTHER BPF_REG_8
#define WHICH BPF_REG_9

#define FETCHED	   (-8)
#define SLOTS_MAX  8
#define LABELS_MAX (NODES_MAX * SKB_VALUES_MAX + 4 * SKB_VALUES_MAX)

struct skb_value {
	bool pointer, is_signed, is_64bit; /* is_64bit: it may need all 64 bits */
	uint32_t target;		   /* of a pointer: id of the type that it points to */
};

struct skb_lvalue {
	struct skb_type type;
	uint32_t bits, shift; /* of a bit field, relative to the address; bits 0: not a bit field */
};

struct skb_gen {
	const struct skb_types *types;
	struct skb_error *error;
	struct code code;
	size_t where[LABELS_MAX];
	size_t n_labels, fault;
	unsigned slots; /* stack slots in use */
};

/* Each leaves its result in ACC. -EINVAL with the error set. */
int skb_gen_value(struct skb_gen *g, const struct node *n, struct skb_value *ret);
/* The address of an lvalue. */
int skb_gen_lvalue(struct skb_gen *g, const struct node *n, struct skb_lvalue *ret);
/* Reads the value of the lvalue whose address is in ACC. */
int skb_gen_load(struct skb_gen *g, const struct node *n, const struct skb_lvalue *lv, struct skb_value *ret);
/* A value that must be a pointer. at: the node that an error is reported at. */
int skb_gen_pointer(struct skb_gen *g, const struct node *n, const struct node *at, struct skb_value *ret);
bool skb_gen_is_lvalue(const struct node *n);

/* Extends the lower `bits` of ACC to 64 bits, by sign or by zeros. */
void skb_gen_extend(struct skb_gen *g, unsigned bits, bool is_signed);
int skb_gen_fail_type(struct skb_gen *g, const struct node *n, const char *what, const struct skb_type *t);
int skb_gen_type(struct skb_gen *g, const struct node *n, uint32_t id, struct skb_type *ret);
